"""An `up` on a full disk, the machine's or the engine's: refused as docs/errors.md says, and nothing is changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.refusals import STACK
from tests.e2e.stack.full_disk import FullEngine, small_disk
from tests.e2e.stack.local_stack import LocalStack
from tests.e2e.stack.mistakes import changed_sensor, up, with_environment

pytestmark = pytest.mark.faults

DEPTH = "edgeway:models[0].train.hyperparameters.max_depth"


@pytest.mark.usefixtures("unchanged")
def test_a_training_whose_disk_is_full_is_refused(stack: LocalStack, tmp_path: Path) -> None:
    artifacts = sorted(path.name for path in (stack.root / ".artifacts").rglob("*"))
    with small_disk(tmp_path, free_kb=4), stack.config(DEPTH, "8"):
        said = up(with_environment(stack, TMPDIR=str(tmp_path)))
        assert [path.name for path in tmp_path.iterdir()] == ["fill"]
    said = re.sub(r"(edgeway-scratch-train)-\w+", r"\1-<random>", said)
    STACK.check("training disk", said, {str(tmp_path): "<folder>", str(stack.root): "<clone>"})
    assert sorted(path.name for path in (stack.root / ".artifacts").rglob("*")) == artifacts


@pytest.mark.usefixtures("unchanged")
def test_a_build_for_which_the_docker_engine_has_no_room_is_refused(stack: LocalStack) -> None:
    with FullEngine() as engine, changed_sensor(stack):
        said = up(with_environment(stack, DOCKER_HOST=engine.host))
    STACK.check("engine disk", said)
