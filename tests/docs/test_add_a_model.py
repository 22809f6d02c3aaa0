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
from cli.commands.model.new import new
from clone.root import ROOT
from dryrun import engine_config
from infra.settings.load import load
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
