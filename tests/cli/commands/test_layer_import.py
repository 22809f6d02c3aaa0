"""`edgeway layer import`: from a manifest to a layer's file and an entry, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import main
from cli.command import parser_of
from cli.commands.layer import GROUP
from cli.commands.layer.import_ import Imported, imported
from cli.errors import Refused
from clone.root import ROOT
from dryrun import Plan, make_clone, run_program, stack_config
from dryrun.process import in_a_fork
from infra.components.devices.module_image import repository_of
from tests.edge.drawn_deployments import DESIRED, good, module
from tests.infra.plans import resource

REFUSED = 2
PASSWORD = "hunter2-of-the-plant"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "edge" / "layers").mkdir(parents=True)
    (tmp_path / "models" / "anomaly").mkdir(parents=True)
    (tmp_path / "Pulumi.local.yaml").write_bytes((ROOT / "tests" / "stacks" / "local.yaml").read_bytes())
    content = good()
    agent = content["$edgeAgent"][DESIRED]
    agent["modules"]["meter"] = module("plant.azurecr.io/meter:1.0.0", env={"DB_PASSWORD": {"value": PASSWORD}})
    agent["runtime"]["settings"]["registryCredentials"] = {
        "plant": {"username": "plant", "password": PASSWORD, "address": "plant.azurecr.io"}
    }
    around = {"id": "plant", "targetCondition": "tags.site = 'x'", "priority": 5, "labels": {"a": PASSWORD}}
    (tmp_path / "plant.json").write_text(json.dumps({**around, "content": {"modulesContent": content}}))
    return tmp_path


def asked(root: Path, *words: str) -> Imported:
    return imported(parser_of([GROUP]).parse_args(["layer", "import", str(root / "plant.json"), *words]), root)


def everything(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_a_manifest_becomes_a_layer_and_an_entry_without_its_secrets(tree: Path) -> None:
    made = asked(tree, "--stack", "local")

    assert (made.file, made.written, made.stack) == ("edge/layers/plant.py", True, "Pulumi.local.yaml")
    assert (tree / made.file).read_text() == made.layer
    assert made.entries["layers"]["targetCondition"] == "tags.site = 'x'"
    assert "- name: plant" in (tree / "Pulumi.local.yaml").read_text()
    assert [one["setting"] for one in made.secrets] == ["meterDbPassword"]
    assert made.next[0].endswith("config set --secret --path 'edgeway:layers[1].settings.meterDbPassword'")
    paths = [one["path"].replace(f"{DESIRED}.", "") for one in made.left]
    assert "$edgeAgent.runtime.settings.registryCredentials.plant" in paths
    assert {"priority", "labels"} <= set(paths)
    assert "meterImage" in made.notes[0]
    assert PASSWORD not in json.dumps(vars(made))
    assert PASSWORD.encode() not in b"".join(text for name, text in everything(tree).items() if name != "plant.json")


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("tags.site = 'x'", "no device of the stack gets it yet, as tags.site = 'x' is true of none (their tags are "),
        ("", "no device of the stack gets it yet, as tags.layer = 'plant' is true of none (their tags are "),
        ("tags.environment = 'local'", None),
        ("properties.reported.site = 'x'", None),
    ],
)
def test_a_layer_that_no_device_of_the_stack_would_get_is_said_to_be_one(
    tree: Path, condition: str, told: str | None
) -> None:
    manifest = json.loads((tree / "plant.json").read_text())
    (tree / "plant.json").write_text(json.dumps({**manifest, "targetCondition": condition}))

    said = [note for note in asked(tree, "--stack", "local").notes if "device of the stack" in note]

    assert len(said) == int(told is not None)
    assert all(note.startswith(str(told)) and "edgeway:devices" in note for note in said)


@pytest.mark.parametrize("words", [("--dry-run",), ("--stdout",), ("--dry-run", "--stack", "local")])
def test_what_is_only_shown_is_not_written(tree: Path, words: tuple[str, ...]) -> None:
    before = everything(tree)

    made = asked(tree, *words)

    assert (made.written, everything(tree)) == (False, before)
    assert "LAYER = Layer(" in made.layer


def test_a_layer_that_is_there_stays_unless_it_is_forced(tree: Path) -> None:
    (tree / "edge/layers/plant.py").write_text("mine")

    with pytest.raises(Refused, match=r"edge/layers/plant.py is there already: .*--force"):
        asked(tree)
    assert (tree / "edge/layers/plant.py").read_text() == "mine"

    asked(tree, "--force")
    assert "LAYER" in (tree / "edge/layers/plant.py").read_text()


@pytest.mark.parametrize("name", ["Plant", "class", "1st", "a-b", "../x", "x" * 33, "anomaly"])
def test_a_name_that_cannot_be_a_layers_is_refused(tree: Path, name: str) -> None:
    with pytest.raises(Refused, match="layer name"):
        asked(tree, "--name", name)


def test_an_entry_that_cannot_be_added_leaves_no_layer(tree: Path) -> None:
    (tree / "Pulumi.local.yaml").write_text("config:\n  edgeway:layers: []\n")
    before = everything(tree)

    with pytest.raises(Refused, match="is not written as a list of lines"):
        asked(tree, "--stack", "local")
    assert everything(tree) == before


def test_the_command_says_what_it_would_do_and_what_it_refuses(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["layer", "import", str(tree / "plant.json"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "deploys the same modules, routes and desired properties" in said
    assert PASSWORD not in said

    (tree / "plant.json").write_text(json.dumps({"modulesContent": {}}))
    assert main(["layer", "import", str(tree / "plant.json")]) == REFUSED
    assert "modulesContent: $edgeAgent is missing" in capsys.readouterr().err


def _planned(clone: Path, layers: Path, config: Mapping[str, str], secret_keys: tuple[str, ...]) -> Plan:
    """In a process of its own, where the layer is one of the clone's."""
    import edge.layers
    from dryrun.program import run

    edge.layers.__path__.append(str(layers))
    return run("dev", "preview", clone, dict(config), secret_keys=secret_keys)


def with_layer(settings: Mapping[str, Any]) -> dict[str, str]:
    config = stack_config("dev")
    entry = {"name": "plant", "priority": 90, "targetCondition": "tags.site = 'x'", "settings": settings}
    return {**config, "edgeway:layers": json.dumps([*json.loads(config["edgeway:layers"]), entry])}


def test_the_program_wants_the_secret_and_wants_it_encrypted(tree: Path) -> None:
    asked(tree)
    clone = make_clone(tree / "clone")

    without = in_a_fork(_planned, clone, tree / "edge" / "layers", with_layer({}), ("edgeway:layers",))
    plain = in_a_fork(_planned, clone, tree / "edge" / "layers", with_layer({"meterDbPassword": PASSWORD}), ())

    how = "set it by `tools/stack.sh <stack> pulumi config set --secret --path 'edgeway:layers["
    assert f"settings.meterDbPassword: missing; it is a secret: {how}" in without["refused"]
    assert f"settings.meterDbPassword: a secret stands there in plain text: {how}" in plain["refused"]
    assert PASSWORD not in plain["refused"]


@pytest.mark.slow
def test_the_program_deploys_the_manifest_that_the_layer_was_made_of(tree: Path) -> None:
    asked(tree)
    clone = make_clone(tree / "clone")
    config = with_layer({"meterDbPassword": PASSWORD})

    plan = in_a_fork(_planned, clone, tree / "edge" / "layers", config, ("edgeway:layers",))

    deployment = resource(plan, "EdgeDeployment", "plant")
    deployed = deployment["inputs"]["content"]
    assert "content" in deployment["secrets"]
    meter = deployed["$edgeAgent"][f"{DESIRED}.modules.meter"]
    assert (meter["settings"]["image"], meter["env"]) == (
        "plant.azurecr.io/meter:1.0.0",
        {"DB_PASSWORD": {"value": PASSWORD}},
    )
    assert "plant/meter" not in json.dumps(resource(plan, "ScopeMap", "registry")["inputs"])
    assert deployed["meter"] == {DESIRED: {"interval": 5}}
    assert deployed["$edgeHub"] == {f"{DESIRED}.routes.up": good()["$edgeHub"][DESIRED]["routes"]["up"]}


@pytest.mark.slow
def test_devices_may_pull_an_image_that_was_copied_into_the_stacks_registry(tree: Path) -> None:
    asked(tree)
    clone = make_clone(tree / "clone")
    registry = run_program(clone, "dev", "preview", stack_config("dev"))
    name = resource(registry, "Registry", "registry")["inputs"]["registryName"]
    image = f"{name}.azurecr.io/plant/meter@sha256:{'a' * 64}"
    config = with_layer({"meterDbPassword": PASSWORD, "meterImage": image})

    plan = in_a_fork(_planned, clone, tree / "edge" / "layers", config, ("edgeway:layers",))

    assert "repositories/plant/meter/content/read" in json.dumps(resource(plan, "ScopeMap", "registry")["inputs"])


@pytest.mark.parametrize(
    "image", ["x.azurecr.io/plant/meter:1.0", f"x:5000/plant/meter@sha256:{'a' * 64}", "x/plant/meter"]
)
def test_the_repository_of_an_image_has_neither_registry_nor_tag(image: str) -> None:
    assert repository_of(image) == "plant/meter"
