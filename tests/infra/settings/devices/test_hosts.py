"""Devices that are virtual machines of the stack: what goes together with one."""

from __future__ import annotations

from typing import Any

import pytest

from edge.layers import catalogue
from edge.manifest import Images, Layer, LayerContent, Module, Needs
from infra.settings.checks import check
from infra.settings.computes import OWN_IDENTITIES
from infra.settings.load import SettingsError, load
from tests.infra.settings.good import DEVICE, changed
from tests.infra.settings.refusals.hosts import vm
from tests.infra.settings.test_layers import NoSettings, entry


def refusals(*changes: Any, **module: Any) -> list[str]:
    def content(images: Images, settings: NoSettings) -> LayerContent:
        made = Module(image=f"cr.example/eye@sha256:{64 * '0'}", **module)
        return LayerContent(modules={"camera": made}, routes={})

    eye = Layer(settings=NoSettings, needs=lambda settings: Needs(), content=content)
    layers = (("edgeway:layers", 1), entry("eye", priority=30))
    try:
        check(load(changed(layers, *changes)), {**catalogue(), "eye": eye})
    except SettingsError as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


def on_a_machine(**host: Any) -> tuple[tuple[str | int, ...], Any]:
    return (*DEVICE, "host"), vm(**host)


def options(**host_config: Any) -> dict[str, Any]:
    return {"create_options": {"HostConfig": host_config}}


def test_a_device_may_be_a_virtual_machine_with_all_defaults() -> None:
    assert refusals(on_a_machine()) == []
    gpu = ((*DEVICE, "gpu"), True)
    assert refusals(on_a_machine(size="Standard_NC4as_T4_v3", ubuntu="22.04", outbound="nat"), gpu) == []


def test_a_module_in_the_machines_network_would_get_its_tokens() -> None:
    (told,) = refusals(on_a_machine(), **options(NetworkMode="host"))
    assert told.startswith("edgeway:devices[0]: edge-01 gets camera of eye, which shares the machine's network")
    assert refusals(**options(NetworkMode="host")) == [], "a machine of one's own has no such tokens"


@pytest.mark.parametrize("asked", [{"Privileged": True}, {"CapAdd": ["NET_ADMIN"]}])
def test_what_the_agent_would_drop_is_allowed_where_the_machine_is_elevated(asked: dict[str, Any]) -> None:
    (told,) = refusals(on_a_machine(), **options(**asked))
    assert "edgeway:devices[0].host.elevated: edge-01 gets camera of eye, which asks for" in told
    assert refusals(on_a_machine(elevated=True), **options(**asked)) == []


def test_the_daemon_of_a_machine_is_of_the_runtimes_line() -> None:
    (told,) = refusals(on_a_machine(), (("edgeway:edgeRuntime",), "1.5.44"))
    assert told == (
        'edgeway:edgeRuntime: "1.5.44" is refused; allowed: 1.6.<patch> with a device of host vm: its machine gets '
        "aziot-edge 1.6.0-1"
    )


def test_a_machine_here_has_no_gpu() -> None:
    here = (("edgeway:environment",), "local")
    (told,) = refusals(on_a_machine(size="Standard_NC4as_T4_v3"), ((*DEVICE, "gpu"), True), here)
    assert told.endswith("allowed: a size without a GPU on the stack local: its machines are containers here")


@pytest.mark.parametrize("taken", [*OWN_IDENTITIES, "gpus", "nat", "localhost"])
def test_a_machine_takes_neither_the_identity_nor_the_address_of_another_part(taken: str) -> None:
    gpus = (("edgeway:computes",), [{"kind": "cluster", "name": "gpus"}])
    (told,) = refusals(on_a_machine(), ((*DEVICE, "id"), taken), gpus)
    assert told.startswith(f'edgeway:devices[0].id: "{taken}" is refused; allowed: another name with host vm: ')
    assert refusals(((*DEVICE, "id"), taken), gpus) == [], "a machine of one's own has no identity here"
