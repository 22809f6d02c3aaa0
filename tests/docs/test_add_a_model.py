"""The pages of new models: their files are the templates, their commands run word for word (`make up`: in e2e)."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cli.__main__ import COMMANDS
from cli.command import parser_of
from cli.commands.data import fetch
from cli.commands.model.new import new
from clone.layout import Clone
from clone.root import ROOT
from clone.training_inputs import TrainingInputs
from dryrun import engine_config
from edge.layers import catalogue
from edge.senders import replay_layer
from infra.feeds import check_feeds
from infra.settings.layers import plan
from infra.settings.load import SettingsError, load
from models.new.templates import render
from tests.working_tree import copy_of_the_tree, not_the_projects

WAYS = {"a-table": "table", "a-keras-model": "keras", "a-model-of-its-own": "empty"}
LATER = ("make up", ".venv/bin/edgeway monitor --count 1", ".venv/bin/edgeway verify --model pump")


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize(("page", "file"), [("a-table", "model.py"), ("a-model-of-its-own", "score.py")])
def test_the_file_that_a_page_shows_is_the_template(page: str, file: str) -> None:
    assert blocks(page, "python") == [render(WAYS[page], "pump")[file]]


@pytest.mark.parametrize("page", WAYS)
def test_the_first_command_of_a_page_makes_a_stack_that_is_accepted(page: str, tmp_path: Path) -> None:
    first, *others = blocks(page, "sh")[0].splitlines()
    assert set(others) <= set(LATER)
    words = shlex.split(first)
    assert words[0] == ".venv/bin/edgeway"
    for room in ("contracts", "models", "edge/layers"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=not_the_projects)
    (tmp_path / "Pulumi.local.yaml").write_bytes((ROOT / "tests" / "stacks" / "local.yaml").read_bytes())

    made = new(parser_of(COMMANDS).parse_args(words[1:]), tmp_path)

    assert f"models/pump/{'model.py' if page != 'a-model-of-its-own' else 'train.py'}" in made.files
    config = yaml.safe_load((tmp_path / "Pulumi.local.yaml").read_text("utf-8"))["config"]
    settings = load(engine_config(config))
    assert [model.name for model in settings.models if model.name == "pump"] == ["pump"]
    assert [layer.name for layer in settings.layers if layer.name == "pump"] == ["pump"] * ("--layer" in words)


@pytest.mark.slow
@pytest.mark.parametrize("page", ["a-table", "a-model-of-its-own"])
def test_the_commands_without_a_stack_train_and_check_the_model(page: str, tmp_path: Path) -> None:
    clone = copy_of_the_tree(ROOT, tmp_path / "clone")
    folder = clone / "models" / "pump"
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in render(WAYS[page], "pump").items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    script = blocks(page, "sh")[-1].replace("/tmp/", f"{tmp_path}/").replace(".venv/bin/python", sys.executable)

    result = subprocess.run(
        ["bash", "-euc", script],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"(?m)^mae \d", result.stdout)


@pytest.mark.slow
def test_the_one_file_of_a_page_trains_the_model_and_is_sent_to_it(tmp_path: Path) -> None:
    clone = copy_of_the_tree(ROOT, tmp_path / "clone")
    for guest in ("models/pump", "tests/models/pump"):
        shutil.rmtree(clone / guest, ignore_errors=True)
    (clone / "edge" / "layers" / "pump.py").unlink(missing_ok=True)
    stack_file = clone / "Pulumi.local.yaml"
    stack_file.write_bytes((ROOT / "tests" / "stacks" / "local.yaml").read_bytes())
    words = shlex.split(blocks("a-table", "sh")[0].splitlines()[0])
    new(parser_of(COMMANDS).parse_args(words[1:]), clone)
    stack = yaml.safe_load(stack_file.read_text("utf-8"))["config"]
    for key, (entry,) in yaml.safe_load(blocks("a-table", "yaml")[0]).items():
        stack[key] = [entry if one["name"] == entry["name"] else one for one in stack[key]]
    # as many rows as a training wants, of the page's two
    header, *rows = blocks("a-table", "csv")[0].splitlines()
    (clone / "pumps.csv").write_text("\n".join([header, *rows * 25]) + "\n")

    fetched = fetch("pump", stack["edgeway:models"][-1]["train"]["data"], "local", clone)
    data = Clone(clone).data.path(fetched.sha256)
    train = [
        sys.executable,
        "-m",
        "models.table",
        "train",
        "pump",
        "--data",
        str(data),
        "--out",
        str(tmp_path / "made"),
    ]
    train = [sys.executable, "-m", "models.table", "train", "pump", "--data", str(data)]
    trained = subprocess.run([*train, "--out", "made"], cwd=clone, capture_output=True, text=True, check=False)
    assert (fetched.rows, trained.returncode) == (50, 0), trained.stderr
    planned = plan(load(engine_config(stack)), {**catalogue(), "pump": replay_layer(model="pump")})
    training = {"pump": TrainingInputs(data_key="", data_sha256=fetched.sha256, digest="0" * 64)}
    sent = [layer for layer in planned if layer.name == "pump"]
    check_feeds(clone, sent, training)
    (clone / "pumps.csv").write_text(f"{header}\n1500,5,roof,9\n")
    with pytest.raises(
        SettingsError, match=r'\$\.site is "roof" \(pumps\.csv, line 2\); allowed: "indoors", "outdoors"'
    ):
        check_feeds(clone, sent, training)
