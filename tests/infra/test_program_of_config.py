"""What the program makes of configurations that no committed stack has, under strict mocks.

Whole runs are slow: each loads the program and the SDK's modules anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from clone.layout import Clone
from clone.rows import RowsError
from contracts.data import spec_key
from dryrun import DATA_SPEC, Plan, engine_config, make_clone, run_program, stack_config
from edge.layers import catalogue
from infra.clone_inputs import CloneInputs
from infra.settings.layers import PlannedLayer, plan
from infra.settings.load import load
from infra.settings.tree import Settings
from tests.infra.plans import resource
from tests.infra.test_feeds import trained

REPLAY = "mnist_keras-replay"
Run = Callable[[str, str, Mapping[str, str]], Plan]


@pytest.mark.slow
def test_named_operators_get_the_rights_instead(run: Run) -> None:
    person = "11111111-2222-3333-4444-555555555555"
    named = engine_config({"edgeway:operators": [{"principalId": person, "type": "User"}]})

    plan = run("dev", "up", {**stack_config("dev"), **named})

    names = {one["name"] for one in plan["resources"] if one["name"].startswith("operators-")}
    assert names == {f"operators-{person}", f"operators-{person}-hub", f"operators-{person}-blobs"}


@pytest.mark.slow
def test_a_group_that_somebody_else_made_is_used_and_never_a_resource_of_the_stack(run: Run) -> None:
    theirs = engine_config({"edgeway:existing": {"resourceGroup": "rg-theirs"}})

    plan = run("dev", "up", {**stack_config("dev"), **theirs})

    assert not [one["name"] for one in plan["resources"] if one["type"].endswith(":ResourceGroup")]
    groups = {one["inputs"]["resourceGroupName"] for one in plan["resources"] if "resourceGroupName" in one["inputs"]}
    assert groups == {plan["output_values"]["resourceGroup"]} == {"rg-theirs"}
    # what the end of a group takes with it, has to be purged where the group stays
    assert resource(plan, "Purge", "monitoring-insights")["inputs"]["kind"] == "insights"
    assignment = resource(plan, "RoleAssignment", "workspace-rights-insights")
    assert "mledge:azure:Purge monitoring-insights" in assignment["depends_on"]


@pytest.mark.parametrize(
    ("group", "told"),
    [
        (
            "rg-nowhere",
            "'rg-nowhere' does not exist in this subscription; make it, or leave the key",
        ),
        ("rg-elsewhere", "'rg-elsewhere' is in northeurope; allowed: a group in westeurope, as edgeway:location says"),
    ],
)
def test_a_group_that_cannot_be_used_stops_the_program_before_any_resource(run: Run, group: str, told: str) -> None:
    theirs = engine_config({"edgeway:existing": {"resourceGroup": group}})

    plan = run("dev", "preview", {**stack_config("dev"), **theirs})

    assert told in plan["refused"]
    assert plan["refused"].startswith("edgeway:existing.resourceGroup: ")
    assert plan["registered"] == 0


def test_a_model_for_gpus_is_built_of_the_other_image(run: Run) -> None:
    config = stack_config("dev")
    models = json.loads(config["edgeway:models"])
    models[0]["gpu"] = True

    plan = run("dev", "preview", {**config, "edgeway:models": json.dumps(models)})

    assert resource(plan, "Image", models[0]["name"])["inputs"]["image"] == "scoring_gpu"


@pytest.mark.slow
def test_a_published_sensor_image_is_not_built(run: Run) -> None:
    published = "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.6"
    config = stack_config("dev")
    layers = json.loads(config["edgeway:layers"])
    layers[0]["settings"] = {"sensorImage": published, "intervalSeconds": 0.1}

    plan = run("dev", "up", {**config, "edgeway:layers": json.dumps(layers)})

    module = resource(plan, "EdgeDeployment", "anomaly")["inputs"]["content"]["$edgeAgent"][
        "properties.desired.modules.sensor"
    ]
    assert module["settings"]["image"] == published
    assert module["env"]["MessageDelay"] == {"value": "00:00:00.1000000"}
    assert not [one for one in plan["resources"] if one["type"] == "mledge:docker:Image" and one["name"] == "sensor"]


def test_a_hyperparameter_that_the_model_lacks_stops_the_program_before_any_resource(run: Run) -> None:
    config = stack_config("dev")
    models = json.loads(config["edgeway:models"])
    models[0]["train"]["hyperparameters"] = {"depth": 3}

    plan = run("dev", "preview", {**config, "edgeway:models": json.dumps(models)})

    assert plan == {
        "refused": "the stack's configuration is refused, nothing was changed:\n"
        "  edgeway:models[0].train.hyperparameters.depth: unknown hyperparameter; allowed are max_depth, seed",
        "registered": 0,
    }


def test_a_bad_configuration_stops_the_program_before_any_resource(run: Run) -> None:
    plan = run("dev", "preview", {**stack_config("dev"), "edgeway:registry": '{"sku": "Cheap"}'})

    assert plan == {
        "refused": "the stack's configuration is refused, nothing was changed:\n"
        '  edgeway:registry.sku: "Cheap" is refused; allowed: Basic, Premium, Standard',
        "registered": 0,
    }


def test_data_that_was_not_fetched_stops_the_program_and_says_how_to_get_it(run: Run) -> None:
    config = stack_config("dev")
    models = json.loads(config["edgeway:models"])
    models[0]["train"]["data"]["seed"] = 7

    plan = run("dev", "preview", {**config, "edgeway:models": json.dumps(models)})

    assert plan == {
        "refused": "data of model anomaly is not in this clone's store (.local/data); "
        "run `edgeway data` first (make up does)",
        "registered": 0,
    }


@pytest.mark.slow
@pytest.mark.parametrize("source", ["goldenExamples", "digits.jsonl"])
def test_a_second_models_replay_is_built_with_its_rows_and_pulled_by_devices(tmp_path: Path, source: str) -> None:
    clone = clone_with_digits(tmp_path)

    plan = run_program(clone, "dev", "up", with_digits(source))

    inputs = {name: resource(plan, "Image", name)["inputs"] for name in ("mnist_keras", REPLAY)}
    replay, scoring = inputs[REPLAY], inputs["mnist_keras"]
    assert (replay["image"], replay["repository"]) == ("replay", f"edgeway/{REPLAY}")
    golden = source == "goldenExamples"
    assert replay.get("artifactDigest") == (scoring["artifactDigest"] if golden else None)
    assert replay.get("rowsFile") == (None if golden else source)
    modules = resource(plan, "EdgeDeployment", "mnist_keras")["inputs"]["content"]["$edgeAgent"]
    image = modules[f"properties.desired.modules.{REPLAY}"]["settings"]["image"]
    assert image == plan["output_values"]["images"][REPLAY]
    assert f"repositories/edgeway/{REPLAY}/content/read" in json.dumps(resource(plan, "ScopeMap", "registry")["inputs"])


def clone_with_digits(folder: Path) -> Path:
    clone = make_clone(folder)
    (clone / "models" / "mnist_keras").mkdir()
    (clone / "models" / "mnist_keras" / "train.py").write_text("import json\n", encoding="utf-8")
    (clone / "digits.jsonl").write_text('{"pixels": [0]}\n', encoding="utf-8")
    Clone(clone).data.record(spec_key("mnist_keras", DATA_SPEC), Clone(clone).data.add(clone / "data.csv"))
    return clone


def test_a_sender_of_what_its_model_does_not_take_stops_the_program_before_any_resource(tmp_path: Path) -> None:
    clone, config = clone_with_digits(tmp_path), with_digits("digits.jsonl")
    inputs = CloneInputs.of(clone, *planned_of(config))
    trained(clone, {"type": "object", "required": ["speed"]}, inputs.training["mnist_keras"].digest)

    assert run_program(clone, "dev", "preview", config) == {
        "refused": "the stack's configuration is refused, nothing was changed:\n"
        "  edgeway:layers[1]: mnist_keras-replay of the layer mnist_keras sends the model mnist_keras what it does not "
        "take: $ is an object of 'pixels' (digits.jsonl, line 1); allowed: an object with 'speed'",
        "registered": 0,
    }


def test_rows_that_cannot_be_sent_stop_the_program_by_layer_file_and_row(clone: Path) -> None:
    layers = json.loads(stack_config("dev")["edgeway:layers"])
    target = {"name": "mnist_keras", "priority": 30, "targetCondition": "*", "settings": {"from": "digits.csv"}}
    config = {**stack_config("dev"), "edgeway:layers": json.dumps([*layers, target])}

    with pytest.raises(RowsError) as refusal:
        CloneInputs.of(clone, *planned_of(config))

    where = "edgeway:layers[1].settings of mnist_keras: digits.csv"
    assert str(refusal.value) == f"{where}: cannot be read in this clone: No such file or directory"


def planned_of(config: Mapping[str, str]) -> tuple[Settings, list[PlannedLayer]]:
    settings = load(config)
    return settings, plan(settings, catalogue())


def with_digits(source: str) -> dict[str, str]:
    config = stack_config("dev")
    models, layers = json.loads(config["edgeway:models"]), json.loads(config["edgeway:layers"])
    digits = {"name": "mnist_keras", "train": {"data": DATA_SPEC}}
    target = {"name": "mnist_keras", "priority": 30, "targetCondition": "*", "settings": {"from": source}}
    return {
        **config,
        "edgeway:models": json.dumps([*models, digits]),
        "edgeway:layers": json.dumps([*layers, target]),
    }


@pytest.mark.slow
def test_a_stack_that_serves_nothing_has_no_identity_to_pull_with(run: Run) -> None:
    config = stack_config("dev")
    models = json.loads(config["edgeway:models"])
    del models[0]["endpoints"]

    plan = run("dev", "up", {**config, "edgeway:models": json.dumps(models)})

    assert plan["output_values"]["scoring"] == {}
    assert not [one["name"] for one in plan["resources"] if "scoring" in one["name"]]


@pytest.mark.slow
def test_a_stack_without_layers_gives_devices_no_token_and_builds_no_module_image(run: Run) -> None:
    plan = run("dev", "up", {**stack_config("dev"), "edgeway:layers": "[]"})

    assert not [one for one in plan["resources"] if one["type"].endswith((":ScopeMap", ":Token", ":TokenPassword"))]
    base = resource(plan, "EdgeDeployment", "base")["inputs"]["content"]["$edgeAgent"]["properties.desired"]
    assert base["runtime"]["settings"]["registryCredentials"] == {}
    assert [one["name"] for one in plan["resources"] if one["type"] == "mledge:docker:Image"] == ["anomaly"]


@pytest.mark.slow
def test_the_password_of_devices_is_rotated_by_the_configuration(run: Run) -> None:
    plan = run("dev", "up", {**stack_config("dev"), "edgeway:registry": '{"sku": "Basic", "passwordRotation": 3}'})

    (password,) = [one for one in plan["resources"] if one["type"].endswith(":TokenPassword")]
    assert password["inputs"]["rotation"] == 3
