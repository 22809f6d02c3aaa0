"""What a layer's own code makes is judged before any resource, and told with the layer and the module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.manifest import Images, Layer, LayerContent, Module, Needs, Port, Route, Tmpfs
from infra.settings.checks import check
from infra.settings.load import SettingsError, load
from tests.infra.settings.good import changed
from tests.infra.settings.test_layers import NoSettings, entry

IMAGE = f"cr.example/eye@sha256:{64 * '0'}"
KEY = "edgeway:layers[1].name"


def refusals(make: Callable[[], LayerContent], secret: tuple[str, ...] = ()) -> list[str]:
    def content(images: Images, settings: NoSettings) -> LayerContent:
        return make()

    eye = Layer(settings=NoSettings, needs=lambda settings: Needs(), content=content)
    config = changed((("edgeway:layers", 1), entry("eye")))
    from edge.layers import catalogue

    with pytest.raises(SettingsError) as refusal:
        check(load(config, secret), {**catalogue(), "eye": eye}, secret)
    return [str(problem) for problem in refusal.value.problems]


def one(*, routes: dict[str, str] | None = None, **fields: Any) -> Callable[[], LayerContent]:
    made = {name: Route(expression=text) for name, text in (routes or {}).items()}
    return lambda: LayerContent(modules={"eye-camera": Module(image=IMAGE, **fields)}, routes=made)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpus": "all"}, "HostConfig.NanoCpus is text; a whole number is wanted"),
        (
            {"mounts": [Tmpfs(target="tmp", size_mb=1)]},
            "HostConfig.Mounts[0].Target is of another form; a path from the root in the module is wanted",
        ),
        (
            {"create_options": {"HostConfig": {"DeviceRequests": [{"Capabilities": ["gpu"]}]}}},
            "HostConfig.DeviceRequests[0].Capabilities[0] is text; a list is wanted",
        ),
        ({"mounts": Tmpfs(target="/tmp", size_mb=1)}, "HostConfig.Mounts is an object; a list is wanted"),
        ({"create_options": {"HostConfig": {"Gpus": "all"}}}, "HostConfig.Gpus is nothing that Docker knows, so it"),
        ({"create_options": {"HostConfig": "all"}}, "HostConfig is text; an object is wanted"),
        ({"create_options": {"Env": {"A": "b"}}}, "Env is an object; a list is wanted"),
    ],
)
def test_wrong_options_are_refused_by_path_with_layer_and_module(fields: dict[str, Any], said: str) -> None:
    (told,) = refusals(one(**fields))

    assert told.startswith(f"{KEY}: the layer eye: modules.eye-camera.settings: createOptions: {said}"), told


@pytest.mark.parametrize(
    "route",
    [
        'FROM /messages/* INTO BrokeredEndpoint("/modules/eye-scorer/inputs/in")',
        "FROM /messages/modules/eye-scorer/outputs/* INTO $upstream",
    ],
)
def test_a_route_to_or_from_a_module_that_is_not_there_is_refused(route: str) -> None:
    (told,) = refusals(one(routes={"eye-out": route}))

    assert told == (
        f"{KEY}: the layer eye: routes.eye-out: the route names the module 'eye-scorer', which is not deployed; "
        "there are: eye-camera"
    )


def test_ports_that_are_no_tuple_are_told_how_one_is_written() -> None:
    (told,) = refusals(one(ports=Port(in_module=80)))

    assert "the layer eye cannot be made: TypeError: ports is one Port; a tuple is wanted: ports=(Port(...),)" in told


def test_a_layer_without_modules_and_routes_is_told_what_is_wanted() -> None:
    (told,) = refusals(lambda: LayerContent(modules={}, routes={}))

    assert told.startswith(f"{KEY}: the layer eye: no key is dotted, so the hub takes it for a base; 'properties.")


def test_an_image_that_the_layer_does_not_need_is_told_with_its_line() -> None:
    needs: Images = {}
    (told,) = refusals(lambda: LayerContent(modules={"eye-camera": Module(image=needs["eye"])}, routes={}))

    assert told.startswith(f"{KEY}: the layer eye cannot be made: KeyError: 'eye' ("), told


def test_a_field_beside_the_same_member_of_create_options_is_told() -> None:
    (told,) = refusals(one(memory_mb=64, create_options={"HostConfig": {"Memory": 1}}))

    assert "the layer eye cannot be made: SetTwiceError: HostConfig.Memory is set by a field" in told


def test_what_json_cannot_hold_is_told() -> None:
    (told,) = refusals(one(create_options={"Cmd": {b"run"}}))

    assert "the layer eye cannot be made: TypeError" in told


def test_beside_a_secret_place_and_line_are_told_and_nothing_of_the_content() -> None:
    why = "why may cite what is encrypted under edgeway:layers: a preview without that tells it"

    (options,) = refusals(one(create_options={"hunter2": 1}), ("edgeway:layers",))
    (raised,) = refusals(one(hunter2=1), ("edgeway:layers",))

    assert options == f"{KEY}: the layer eye: modules.eye-camera.settings: is refused; {why}"
    assert raised.startswith(f"{KEY}: the layer eye cannot be made: TypeError (")
    assert raised.endswith(f"); {why}")
    assert "hunter2" not in options + raised
