"""The stack files at the root are right, whatever models, layers and devices stand in them."""

from __future__ import annotations

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from clone.layout import Clone
from clone.root import ROOT
from contracts.data import spec_key
from dryrun import engine_config, make_clone, run_program
from edge.layers import catalogue
from infra.settings.checks import check
from infra.settings.load import load
from infra.settings.tree import SimulatorData
from tools.guests import is_guest

FILES = sorted(ROOT.glob("Pulumi.*.yaml"))


def config_of(file: Path) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    return tree


def test_there_is_one_for_each_environment() -> None:
    assert {"Pulumi.dev.yaml", "Pulumi.local.yaml", "Pulumi.prod.yaml"} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_a_stack_file_is_accepted_and_its_models_are_there(file: Path) -> None:
    settings = load(engine_config(config_of(file)))

    assert check(settings, catalogue()) or not settings.layers
    assert settings.environment == file.name.split(".")[1]
    assert [model.name for model in settings.models if not (ROOT / "models" / model.name).is_dir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_the_program_takes_a_stack_file(file: Path, tmp_path: Path) -> None:
    config = config_of(file)
    clone = make_clone(tmp_path)
    shutil.copy(ROOT / "requirements.lock", clone)
    for folder in ("models", "contracts"):
        shutil.copytree(ROOT / folder, clone / folder, dirs_exist_ok=True)
    store = Clone(clone).data
    for model in config["edgeway:models"]:
        store.record(spec_key(model["name"], model["train"]["data"]), store.add(clone / "data.csv"))

    plan = run_program(clone, file.name.split(".")[1], "preview", engine_config(config))

    assert "refused" not in plan, plan["refused"]
    registered = {one["name"] for one in plan["resources"] if one["type"] == "mledge:ml:RegisteredModel"}
    assert registered == {model["name"] for model in config["edgeway:models"]}


READMES = sorted(file for file in ROOT.glob("models/*/README.md") if not is_guest(file))


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: str(readme.parent.name))
def test_the_entries_that_a_models_readme_shows_are_accepted_and_its_own_source_makes_as_many_rows(
    readme: Path,
) -> None:
    name = readme.parent.name
    shown = [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", readme.read_text(), re.DOTALL)]
    config = config_of(ROOT / "tests" / "stacks" / "local.yaml")
    for entries in shown:
        key = "edgeway:layers" if "priority" in entries[0] else "edgeway:models"
        config[key] = [*(one for one in config[key] if one["name"] != name), *entries]

    settings = load(engine_config(config))

    assert check(settings, catalogue())
    (model,) = (model for model in settings.models if model.name == name)
    if isinstance(model.train.data, SimulatorData):
        source = import_module(f"models.{name}.data").SOURCE
        assert source.fewest_rows <= model.train.data.rows <= (source.most_rows or model.train.data.rows)
