"""docs/from-training-to-endpoint.md without a stack: what it writes is accepted. Its commands: tests/e2e/azureml."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import msgspec
import numpy as np
import pytest

from clone.hyperparameters import declared_hyperparameters
from clone.root import ROOT
from dryrun import engine_config
from edge.layers import catalogue
from infra.settings.checks import check
from infra.settings.load import load
from infra.settings.tree import Settings
from models.mnist_keras import score
from tests.docs.training.page import PAGE, blocks, config_of, sections, with_entries

STACKS = sorted(file.name for file in (ROOT / "tests" / "stacks").glob("*.yaml") if file.stem in ("local", "dev"))


def settings_of(tree: dict[str, Any]) -> Settings:
    settings = load(engine_config(tree))
    check(settings, catalogue())
    return settings


@pytest.mark.parametrize("stack", STACKS)
def test_the_entries_are_accepted_by_either_stack(stack: str) -> None:
    text = with_entries((ROOT / "tests" / "stacks" / stack).read_text(encoding="utf-8"))

    settings = settings_of(config_of(text))

    (compute,) = settings.computes
    assert [model.name for model in settings.models][1:] == ["mnist_keras"]
    assert settings.models[1].train.on == compute.name


def test_the_retrain_sets_a_hyperparameter_of_that_model() -> None:
    (line,) = [line for line in blocks("sh", "5")[0].splitlines() if "config set" in line]
    *_, path, value = shlex.split(line)
    found = re.fullmatch(r"edgeway:models\[1\]\.train\.hyperparameters\.(\w+)", path)
    assert found is not None
    declared = declared_hyperparameters(ROOT, ["mnist_keras"])["mnist_keras"]
    assert declared[found[1]].read(value) == int(value)


def test_the_request_is_one_picture_of_the_models_size() -> None:
    (file,) = set(re.findall(r"[\w/]+request\.json", "".join(sections().values())))
    request = json.loads((ROOT / file).read_text(encoding="utf-8"))
    pixels = score._pixels(msgspec.json.encode(request["data"]))
    assert (pixels.shape[0], float(np.max(pixels))) == (1, 1.0)


def test_no_command_says_which_stack_but_the_first() -> None:
    """The same commands in Azure: only the first line differs."""
    first, *others = [line for section in sections() for block in blocks("sh", section) for line in block.splitlines()]
    assert first == "export STACK=local EDGEWAY_STACK=local"
    assert [line for line in others if re.search(r"\b(local|dev)\b", line)] == []


def test_readme_and_the_pages_that_it_stands_on_lead_to_it() -> None:
    for name in ("README.md", "docs/train-on-a-cluster.md", "docs/online-endpoints.md"):
        assert PAGE.name in (ROOT / name).read_text(encoding="utf-8"), name
