"""The plan of layers: which device gets which, in which order, and what cannot stand together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import Struct

from dryrun import engine_config
from edge.layers import catalogue
from edge.manifest import Images, Layer, LayerContent, Module, Needs, Route
from edge.senders import replay_layer
from infra.settings.checks import check, warnings
from infra.settings.layers import on_device, plan, too_close, twin
from infra.settings.load import SettingsError, load
from tests.infra.settings.good import GOOD, changed, second


class NoSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """A layer without settings of its own."""


def layer(*modules: str, route: str = "upstream") -> Layer[NoSettings]:
    def content(images: Images, settings: NoSettings) -> LayerContent:
        image = images["anomaly"]
        expression = "FROM /messages/* INTO $upstream"
        return LayerContent(
            modules={name: Module(image=image) for name in modules}, routes={route: Route(expression=expression)}
        )

    return Layer(settings=NoSettings, needs=lambda settings: Needs(models=("anomaly",)), content=content)


def entry(name: str, **other: Any) -> dict[str, Any]:
    return second("edgeway:layers", **{"name": name, "priority": 30, "settings": {}, **other})


def refusals(config: dict[str, str], **others: Layer[Any]) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        check(load(config), {**catalogue(), **others})
    return [str(problem) for problem in refusal.value.problems]


def test_a_device_gets_the_layers_whose_condition_is_true_of_it_the_lowest_priority_first() -> None:
    settings = load(
        changed(
            (("edgeway:layers", 1), entry("vision")),
            (("edgeway:layers", 2), entry("elsewhere", priority=40, targetCondition="tags.site = 'plant'")),
            (("edgeway:layers", 0, "priority"), 50),
        )
    )
    planned = check(settings, {**catalogue(), "vision": layer("eye"), "elsewhere": layer("ear", route="heard")})

    assert [one.name for one in on_device(twin(settings, 0), planned)] == ["vision", "anomaly"]


def test_a_planned_layer_says_what_the_hub_shall_have() -> None:
    settings = load(changed((("edgeway:layers", 0, "targetCondition"), "*")))
    (planned,) = plan(settings, catalogue())

    assert planned.deployment == "dev-anomaly"
    assert planned.target_condition == "(tags.environment = 'dev' and deviceId != '')"
    assert planned.labels == {"environment": "dev", "model": "anomaly"}
    assert planned.scorers == {"scorer": "anomaly"}
    assert planned.sets() == {
        "module scorer",
        "module sensor",
        "route scorerToUpstream",
        "route sensorToScorer",
    }


def test_two_layers_that_set_one_module_of_one_device_are_refused() -> None:
    config = changed((("edgeway:layers", 1), entry("other", targetCondition="tags.site = 'lab'")))

    assert refusals(config, other=layer("scorer")) == [
        "edgeway:devices[0].tags: edge-01 is targeted by anomaly and other; one of these layers a device is allowed, "
        "as each sets the module scorer"
    ]


def test_two_layers_that_set_one_route_of_one_device_are_refused() -> None:
    config = changed((("edgeway:layers", 1), entry("other")))

    assert refusals(config, other=layer("eye", route="scorerToUpstream")) == [
        "edgeway:devices[0].tags: edge-01 is targeted by anomaly and other; one of these layers a device is allowed, "
        "as each sets the route scorerToUpstream"
    ]


def test_layers_of_different_devices_may_set_the_same_module() -> None:
    config = changed((("edgeway:layers", 1), entry("other", targetCondition="tags.site = 'plant'")))

    assert len(check(load(config), {**catalogue(), "other": layer("scorer")})) == 2


def test_priorities_that_leave_no_room_are_refused() -> None:
    config = changed((("edgeway:layers", 1), entry("other", priority=21, targetCondition="tags.model = 'other'")))

    assert too_close(load(config).layers) == [(0, 1)]
    assert refusals(config, other=layer("eye")) == [
        "edgeway:layers[1].priority: 21 is refused; allowed: 10 or more apart from the other layers' "
        "(layers[0] has 20), because a changed layer runs beside the old one at priority + 1"
    ]


def test_one_file_may_be_several_layers_each_for_a_class_of_devices_with_settings_of_its_own() -> None:
    other = entry("anomaly_outside", layer="anomaly", targetCondition="tags.class = 'appliance'")
    config = changed((("edgeway:layers", 1), {**other, "settings": {"intervalSeconds": 7}}))
    first, second = check(load(config), catalogue())
    assert first.layer is second.layer
    assert (second.deployment, second.settings.interval_seconds) == ("dev-anomaly-outside", 7)
    assert first.deployment == "dev-anomaly"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"layer": "anomalie"},
            'edgeway:layers[1].layer: "anomalie" is refused; allowed: a layer of edge/layers: anomaly',
        ),
        ({"name": "Other!"}, 'edgeway:layers[1].name: "Other!" is refused; allowed: 2 to 32 of a-z, 0-9 and _'),
        ({"name": "anomaly"}, "edgeway:layers[1].name"),
        ({"targetCondition": "*"}, "edgeway:devices[0].tags: edge-01 is targeted by anomaly and other; one of these"),
    ],
)
def test_what_a_second_layer_of_one_file_cannot_be(changes: dict[str, str], said: str) -> None:
    one = entry("other", layer="anomaly", targetCondition="tags.class = 'appliance'")
    assert any(refusal.startswith(said) for refusal in refusals(changed((("edgeway:layers", 1), {**one, **changes}))))


def test_a_layer_of_a_model_that_the_stack_lacks_is_refused() -> None:
    config = changed((("edgeway:models", 0, "name"), "other"))

    assert refusals(config) == [
        "edgeway:layers[0].name: anomaly runs the model anomaly, which edgeway:models does not have; there are: other"
    ]


def test_two_layers_whose_replays_have_one_name_and_other_rows_are_refused() -> None:
    config = changed(
        (("edgeway:layers", 1), entry("one", targetCondition="deviceId = 'a'", settings={"from": "a.csv"})),
        (("edgeway:layers", 2), entry("two", targetCondition="deviceId = 'b'", priority=40)),
    )
    shared = replay_layer(model="anomaly", layer="one")

    assert refusals(config, one=shared, two=shared) == [
        "edgeway:layers[2].name: two calls its replay one-replay, as one does, and sends other rows; a name of its own "
        "is allowed: replay_layer(..., layer='two')"
    ]
    assert (
        len(check(load(config), {**catalogue(), "one": shared, "two": replay_layer(model="anomaly", layer="two")})) == 3
    )


def test_a_port_that_a_layers_own_create_options_open_is_told_too() -> None:
    bound = {"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}}

    def content(images: Images, settings: NoSettings) -> LayerContent:
        return LayerContent(modules={"web": Module(image=images["anomaly"], create_options=bound)}, routes={})

    web = Layer(settings=NoSettings, needs=lambda settings: Needs(models=("anomaly",)), content=content)
    settings = load(changed((("edgeway:layers", 1), entry("web"))))

    (told,) = warnings(settings, check(settings, {**catalogue(), "web": web}))
    said = "the network of its devices reaches web at port 8080, and its manifest asks nobody for a key"
    assert told == f"edgeway:layers[1]: {said} (edgeway:accept: [openPort] silences this)"


SECURE = {"secure": "v1:abc"}
PLANT_ENTRY = {"name": "plant", "priority": 90, "targetCondition": "tags.site = 'x'"}


class PlantSettings(Struct, frozen=True, forbid_unknown_fields=True):
    password: str
    sas: str


PLANT = Layer(
    settings=PlantSettings,
    needs=lambda settings: Needs(),
    content=lambda images, settings: LayerContent(modules={"meter": Module(image="plant/meter:1.0")}, routes={}),
    secrets=("password", "sas"),
)


def findings(settings: Mapping[str, Any], written: Any, tmp_path: Path) -> list[str]:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(written if isinstance(written, str) else yaml.safe_dump({"config": {"edgeway:layers": written}}))
    config = engine_config({**GOOD, "edgeway:layers": [*GOOD["edgeway:layers"], {**PLANT_ENTRY, "settings": settings}]})
    keys = ("edgeway:layers",)
    try:
        check(load(config, keys), {**catalogue(), "plant": PLANT}, keys, file=file)
    except SettingsError as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


def entries(settings: Any) -> list[Any]:
    return [*GOOD["edgeway:layers"], {**PLANT_ENTRY, "settings": settings}]


BOTH = {"password": "hunter2", "sas": "hunter3"}


def test_a_secret_in_plain_text_beside_an_encrypted_one_is_refused(tmp_path: Path) -> None:
    (finding,) = findings(BOTH, entries({"password": SECURE, "sas": "hunter3"}), tmp_path)

    assert ".settings.sas: a secret stands there in plain text: set it by `tools/stack.sh <stack> pulumi" in finding
    assert "hunter3" not in finding


def test_a_secret_that_is_missing_beside_an_encrypted_one_is_told(tmp_path: Path) -> None:
    (finding,) = findings({"password": "hunter2"}, entries({"password": SECURE}), tmp_path)

    assert ".settings.sas: missing; it is a secret: set it by `tools/stack.sh <stack> pulumi" in finding


@pytest.mark.parametrize(
    "written",
    [
        entries({"password": SECURE, "sas": SECURE}),
        entries(SECURE),
        SECURE,
        [],
        "",
        "config: [",
    ],
)
def test_where_all_are_encrypted_or_the_file_is_another_nothing_is_refused(written: Any, tmp_path: Path) -> None:
    assert findings(BOTH, written, tmp_path) == []
