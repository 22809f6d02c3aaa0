"""Configurations that are refused, with the message in full; and what a good one becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from contracts.thresholds import Threshold
from dryrun import engine_config
from edge.layers import catalogue
from infra.settings.checks import check, check_project, warnings
from infra.settings.endpoints import endpoints
from infra.settings.load import SettingsError, load
from infra.settings.serving import ContainerGroupSettings, OnlineSettings
from infra.settings.tree import CsvData, IotHubSettings, Settings, SimulatorData, UrlData
from tests.infra.settings.good import DECLARED, GONE, LAYER, MODEL, changed
from tests.infra.settings.refused import REFUSED


def settings_of(config: Mapping[str, str]) -> Settings:
    settings = load(config)
    check(settings, catalogue(), declared=DECLARED)
    return settings


def warned(config: Mapping[str, str]) -> list[str]:
    settings = load(config)
    return warnings(settings, check(settings, catalogue()))


@pytest.mark.parametrize(("path", "value", "messages"), REFUSED)
def test_a_bad_configuration_is_refused_with_key_value_and_what_is_allowed(
    path: tuple[str | int, ...], value: Any, messages: list[str]
) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings_of(changed((path, value)))

    assert [str(problem) for problem in refusal.value.problems] == messages


@pytest.mark.parametrize("name", ["Edgeway", "edge_way", "edge.way", "1edge", "edge--way", "edge-"])
def test_a_project_whose_name_azure_refuses_is_told_before_any_resource(name: str) -> None:
    check_project("edge-way2")
    with pytest.raises(SettingsError, match=f'name in Pulumi.yaml: "{name}" is refused; allowed: a-z, 0-9 and single'):
        check_project(name)


def test_a_condition_that_cannot_be_read_is_refused_with_its_column() -> None:
    with pytest.raises(SettingsError) as refusal:
        settings_of(changed(((*LAYER, "targetCondition"), 'tags.model = "anomaly"')))

    (problem,) = refusal.value.problems
    assert problem.key == "edgeway:layers[0].targetCondition"
    assert problem.value == '"tags.model = \\"anomaly\\""'
    assert "column 14" in problem.reason


def test_all_findings_are_told_at_once() -> None:
    bad = changed(
        (("edgeway:location",), GONE),
        ((*MODEL, "endpoints", 0, "cpu"), 8),
        ((*MODEL, "train", "thresholds"), {"accuracy": "high", "mae": {"most": 1}}),
    )

    with pytest.raises(SettingsError) as refusal:
        load(bad)

    assert str(refusal.value) == (
        "the stack's configuration is refused, nothing was changed:\n"
        "  edgeway:location: missing; it has no default; allowed: a region's short name such as westeurope\n"
        '  edgeway:models[0].train.thresholds.accuracy: "high" is refused; '
        "allowed: a number (the least allowed), or a tree of min, max or both\n"
        "  edgeway:models[0].train.thresholds.mae.most: unknown key; allowed are min, max\n"
        "  edgeway:models[0].endpoints[0].cpu: 8 is refused; allowed: a number from 0.1 to 4"
    )


def test_the_value_of_a_secret_key_is_not_told() -> None:
    config = changed((("edgeway:registry", "sku"), "hunter2"))

    with pytest.raises(SettingsError) as refusal:
        load(config, secret_keys=["edgeway:registry"])

    assert "hunter2" not in str(refusal.value)
    assert "edgeway:registry.sku: [secret] is refused; allowed: Basic, Premium, Standard" in str(refusal.value)


def test_text_that_is_no_json_is_refused_as_a_value() -> None:
    with pytest.raises(SettingsError, match='edgeway:devices: "edge-01, edge-02" is refused; allowed: a list'):
        load({**changed(), "edgeway:devices": "edge-01, edge-02"})


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(SettingsError) as refusal:
        load({**changed(), "edgeway:location": "x" * 5000})

    assert len(str(refusal.value)) < 300


def test_keys_of_other_projects_are_left_alone() -> None:
    assert load({**changed(), "azure-native:location": "westeurope"}).location == "westeurope"


def test_a_threshold_is_the_least_alone_or_a_tree_of_ends() -> None:
    thresholds = {"accuracy": 0.95, "mae": {"max": "0.5"}, "bias": {"min": -3, "max": 3e9}}
    settings = settings_of(changed(((*MODEL, "train", "thresholds"), thresholds)))

    assert settings.models[0].train.allowed_metrics() == {
        "accuracy": Threshold(min=0.95),
        "mae": Threshold(max=0.5),
        "bias": Threshold(min=-3, max=3e9),
    }


def test_numbers_that_pulumi_config_set_wrote_as_text_are_numbers() -> None:
    settings = load(changed(((*MODEL, "train", "thresholds", "accuracy"), "0.999")))

    assert settings.models[0].train.thresholds["accuracy"] == 0.999


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"source": "simulator", "seed": 3, "rows": 618}, SimulatorData),
        ({"source": "csv", "path": "data/temperature.csv"}, CsvData),
        ({"source": "url", "url": "https://example.com/data.csv", "sha256": "0" * 64}, UrlData),
    ],
)
def test_the_data_spec_is_the_very_mapping_of_the_stack_file(spec: dict[str, Any], kind: type) -> None:
    model = load(changed(((*MODEL, "train", "data"), spec))).models[0]

    assert isinstance(model.train.data, kind)
    assert model.train.data_spec() == spec


def test_prod_refuses_what_can_move() -> None:
    rolling = changed(
        (("edgeway:environment",), "prod"),
        (("edgeway:edgeRuntime",), "1.6"),
        ((*LAYER, "settings", "sensorImage"), "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.6"),
    )

    with pytest.raises(SettingsError) as refusal:
        settings_of(rolling)

    assert [str(problem) for problem in refusal.value.problems] == [
        'edgeway:edgeRuntime: "1.6" is refused; allowed: an exact patch such as 1.6.1: a rolling tag moves on prod',
        "edgeway:layers[0].settings.sensorImage: "
        '"mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.6" is refused; '
        "allowed: build or a @sha256:... reference: a tag can move on prod",
    ]


@pytest.mark.parametrize(
    ("name", "path", "value", "warning"),
    [
        (
            "flawedRuntime",
            ("edgeway:edgeRuntime",),
            "1.6.1",
            "edgeway:edgeRuntime: 1.6.1 loses some MQTT connects of modules (Azure/iotedge#7539); "
            "take a newer patch when one is out",
        ),
        (
            "rollingRuntime",
            ("edgeway:edgeRuntime",),
            "1.6",
            "edgeway:edgeRuntime: 1.6 is a rolling tag: devices that start later run other code",
        ),
        (
            "openPort",
            (*LAYER, "settings"),
            {"port": 5001, "expose": "lan", "secretsFolder": "/etc/edgeway/anomaly"},
            "edgeway:layers[0]: the network of its devices reaches scorer at port 5001, with a key of the device's",
        ),
    ],
)
def test_what_is_allowed_but_unwise_warns_until_it_is_accepted_by_name(
    name: str, path: tuple[str | int, ...], value: Any, warning: str
) -> None:
    assert warned(changed((path, value))) == [f"{warning} (edgeway:accept: [{name}] silences this)"]
    every = ["flawedRuntime", "rollingRuntime", "deviceWithoutLayer", "layerWithoutDevice", "openPort"]
    assert warned(changed((path, value), (("edgeway:accept",), [name]))) == []
    others = [one for one in every if one != name]
    assert len(warned(changed((path, value), (("edgeway:accept",), others)))) == 1


_NOT_TRUE = "no tags or ids of theirs make it true; they are text ('9' is not 9), and case counts"


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("tags.modell = 'anomaly'", "none has a tag modell; their tags are environment, model, site"),
        ("tags.model = 'other'", _NOT_TRUE),
        ("deviceId = 'Edge-01'", _NOT_TRUE),
        ("properties.reported.gpu = true", "what devices report is known to the hub alone, and to it only later"),
    ],
)
def test_a_device_that_no_layer_targets_and_a_layer_that_targets_none_are_told(condition: str, why: str) -> None:
    device = "edgeway:devices[0]: edge-01 is targeted by no layer: it runs no module"
    layer = f"edgeway:layers[0].targetCondition: {condition} targets none of edgeway:devices: {why}"
    silent = "(edgeway:accept: [{}] silences this)"
    assert warned(changed(((*LAYER, "targetCondition"), condition))) == [
        f"{device} {silent.format('deviceWithoutLayer')}",
        f"{layer} {silent.format('layerWithoutDevice')}",
    ]


def test_a_good_configuration_warns_of_nothing() -> None:
    assert warned(changed()) == []


def test_the_smallest_configuration_is_a_model_with_its_data_and_one_endpoint() -> None:
    data = {"source": "simulator", "seed": 0, "rows": 618}
    smallest = engine_config(
        {
            "edgeway:environment": "local",
            "edgeway:location": "westeurope",
            "edgeway:edgeRuntime": "1.6.2",
            "edgeway:models": [
                {"name": "anomaly", "train": {"data": data}, "endpoints": [{"kind": "containerGroup"}]},
            ],
        }
    )

    settings = settings_of(smallest)

    assert settings.models[0].train.on == "here"
    assert settings.models[0].endpoints == (ContainerGroupSettings(cpu=1, memory_gb=1),)
    assert settings.iot_hub == IotHubSettings(sku="S1", units=1, partitions=2, retention_days=1)
    assert settings.registry.sku == "Basic"


def test_the_smallest_online_endpoint_is_its_kind_and_is_held_shorter_where_nobody_pays() -> None:
    settings = settings_of(changed(((*MODEL, "endpoints"), [{"kind": "online"}])))

    (online,) = settings.models[0].endpoints
    assert online == OnlineSettings(instance_type="Standard_DS2_v2", instances=1, traffic=(10, 50, 100), probes=100)
    assert isinstance(online, OnlineSettings)
    assert (online.kind, online.memory_mb) == ("online", 7 * 1024)
    assert (online.held_seconds(local=True), online.held_seconds(local=False)) == (5, 180)


def test_a_configuration_of_the_former_spelling_is_told_the_new_one_key_by_key_and_all_else_that_is_wrong() -> None:
    former = changed(
        ((*MODEL, "serve"), {"cpu": 1, "memoryGb": 1}),
        ((*MODEL, "edge"), "everywhere"),
        (("edgeway:sensor",), {"image": "build", "intervalSeconds": 1}),
        (("edgeway:location",), GONE),
    )

    with pytest.raises(SettingsError) as refusal:
        load(former)

    assert [problem.key for problem in refusal.value.problems] == [
        "edgeway:models[0].serve",
        "edgeway:models[0].edge",
        "edgeway:sensor",
        "edgeway:location",
    ]


def test_the_value_of_a_former_key_that_is_secret_is_not_told() -> None:
    former = changed(
        (("edgeway:sensor",), {"image": "hunter2"}),
        ((*MODEL, "serve"), {"cpu": "hunter2"}),
        ((*MODEL, "edge"), {"priority": "hunter2"}),
    )

    with pytest.raises(SettingsError) as refusal:
        load(former, secret_keys=["edgeway:sensor", "edgeway:models"])

    assert "hunter2" not in str(refusal.value)


def test_an_endpoint_has_the_name_of_its_model_and_further_ones_their_kind_too() -> None:
    models = settings_of(changed()).models
    twice = msgspec.structs.replace(models[0], endpoints=models[0].endpoints * 2)

    assert [one.name for one in endpoints([twice])] == ["anomaly", "anomaly-containerGroup"]


def test_a_cluster_has_a_default_for_everything_but_its_name() -> None:
    computes = [{"name": "cpu-cluster", "kind": "cluster"}]
    settings = settings_of(changed((("edgeway:computes",), computes), ((*MODEL, "train", "on"), "cpu-cluster")))

    (cluster,) = settings.training_clusters
    assert (cluster.size, cluster.min_nodes, cluster.max_nodes, cluster.idle_seconds) == ("Standard_DS3_v2", 0, 1, 180)
    assert settings.models[0].train.on == "cpu-cluster"
