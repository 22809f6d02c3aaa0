"""What layers ask of one device together is refused before any resource, and each is told with its share."""

from __future__ import annotations

from typing import Any

import pytest

from edge.layers import catalogue
from edge.manifest import Images, Layer, LayerContent, Module, Needs, Port
from infra.settings.checks import check
from infra.settings.devices.sums import BASE_BYTES
from infra.settings.load import SettingsError, load
from tests.infra.settings.good import DEVICE, changed
from tests.infra.settings.test_layers import NoSettings, entry

IMAGE = f"cr.example/eye@sha256:{64 * '0'}"


def layer(name: str, **fields: Any) -> Layer[NoSettings]:
    def content(images: Images, settings: NoSettings) -> LayerContent:
        return LayerContent(modules={f"{name}-camera": Module(image=IMAGE, **fields)}, routes={})

    return Layer(settings=NoSettings, needs=lambda settings: Needs(), content=content)


def refusals(*others: Layer[Any], device: dict[str, Any] | None = None) -> list[str]:
    named = {f"{side}eye": one for side, one in zip(("left", "right"), others, strict=False)}
    entries = [
        (("edgeway:layers", index), entry(name, priority=20 + 10 * index)) for index, name in enumerate(named, 1)
    ]
    settings = [((*DEVICE, key), value) for key, value in (device or {}).items()]
    try:
        check(load(changed(*entries, *settings)), {**catalogue(), **named})
    except SettingsError as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


def test_two_layers_that_want_one_port_of_a_device_are_both_named() -> None:
    port = (Port(in_module=80, on_device=8080),)

    assert refusals(layer("left", ports=port), layer("right", ports=port)) == [
        "edgeway:devices[0]: edge-01: port 8080/tcp is wanted by left-camera of lefteye and by right-camera of "
        "righteye; one of them is allowed"
    ]


def test_a_module_that_wants_a_port_twice_is_told_so() -> None:
    twice = {"80/tcp": [{"HostPort": "8080"}], "81/tcp": [{"HostPort": "8080"}]}

    assert refusals(layer("left", create_options={"HostConfig": {"PortBindings": twice}})) == [
        "edgeway:devices[0]: edge-01: port 8080/tcp is wanted twice by left-camera of lefteye; one of them is allowed"
    ]


@pytest.mark.parametrize(
    "other",
    [
        (Port(in_module=80, on_device=8081),),
        (Port(in_module=80, on_device=8080, protocol="udp"),),
    ],
)
def test_another_port_or_protocol_is_another(other: tuple[Port, ...]) -> None:
    assert refusals(layer("left", ports=(Port(in_module=80, on_device=8080),)), layer("right", ports=other)) == []


def test_a_port_of_every_address_is_one_of_each() -> None:
    everywhere = {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}}
    inside = {"HostConfig": {"PortBindings": {"90": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}}}

    assert len(refusals(layer("left", create_options=everywhere), layer("right", create_options=inside))) == 1


def test_the_edge_hubs_ports_are_taken_on_every_device() -> None:
    taken = {"HostConfig": {"PortBindings": {"8883/tcp": [{"HostPort": "8883"}]}}}

    assert refusals(layer("left", create_options=taken)) == [
        "edgeway:devices[0]: edge-01: port 8883/tcp is wanted by edgeHub and by left-camera of lefteye; one of them is "
        "allowed"
    ]


def test_limits_of_memory_are_summed_over_the_layers_of_a_device() -> None:
    both = (layer("left", memory_mb=200), layer("right"))

    assert refusals(*both, device={"memoryMb": 1024}) == []
    assert refusals(*both, device={"memoryMb": 900}) == [
        "edgeway:devices[0].memoryMb: edge-01 has 900 MB for modules, and their limits are 968 MB together: scorer of "
        "anomaly 512; sensor of anomaly 256; left-camera of lefteye 200; not counted, as they have no limit: "
        "right-camera"
    ]


def test_a_gpu_is_asked_only_of_a_device_that_says_it_has_one() -> None:
    assert refusals(layer("left", gpu=True), device={"gpu": True}) == []
    (told,) = refusals(layer("left", gpu=True))
    assert told.startswith("edgeway:devices[0].gpu: edge-01 gets left-camera of lefteye, which asks for a GPU; ")


def test_the_twin_that_all_layers_share_has_room_for_all_of_them() -> None:
    env = {f"V{number}": "x" * 4000 for number in range(4)}
    (told,) = refusals(layer("left", env=env), layer("right", env=env))

    assert "the desired properties of $edgeAgent are about 3" in told
    assert "the base 1536, anomaly " in told and "lefteye 16" in told and "righteye 16" in told
    assert told.endswith("32768 are allowed")


def test_fifty_modules_are_counted_over_the_layers() -> None:
    def many(images: Images, settings: NoSettings) -> LayerContent:
        return LayerContent(modules={f"left-{number}": Module(image=IMAGE) for number in range(49)}, routes={})

    crowd = Layer(settings=NoSettings, needs=lambda settings: Needs(), content=many)

    assert "edge-01: of modules 50 are allowed, and it gets 51 (anomaly 2, lefteye 49)" in refusals(crowd)[0]


def test_the_base_is_no_larger_than_is_counted() -> None:
    from edge.manifest import RegistryCredential, SystemModule, base_content, twin_size

    ports = {f"{port}/tcp": [{"HostPort": str(port)}] for port in (443, 5671, 8883)}
    logs = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}
    image = "mcr.microsoft.com/azureiotedge-agent:1.6.10"
    base = base_content(
        agent=SystemModule(image=image, create_options={"HostConfig": logs}),
        hub=SystemModule(image=image, create_options={"HostConfig": {"PortBindings": ports, **logs}}),
        credentials={
            "edgeway": RegistryCredential(address=60 * "a", username=50 * "b", password=100 * "c"),
        },
    )

    for twin, counted in BASE_BYTES.items():
        assert twin_size(base[twin]["properties.desired"]) <= counted
