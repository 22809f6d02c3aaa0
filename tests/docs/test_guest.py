"""What a user of the project adds breaks no check of it: a model, a layer, a device, in a style of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clone.root import ROOT
from tests.working_tree import copy_of_the_tree

# who is a guest, and what counts of it: tests/tools/test_guests.py
pytestmark = [pytest.mark.slow, pytest.mark.long]

SLOPPY = """import os, json
from os import path
def init():
  global session
  session = json.loads(os.environ["X"])
"""
README = "See `models/pump/none.py`, `nothing_of_it.py` and [there](nowhere.md).\n"
CHECKS = [
    "tests/docs",
    "tests/infra/settings",
    "tests/edge",
    "tests/tools",
    "tests/cli/commands",
    "tests/infra/test_golden.py",
]
PLANS = "tests/infra/test_program.py::test_stacks_differ_by_config_only"


def add_guest(clone: Path) -> None:
    """The model `pump`, whose training is that of `anomaly`; its layer, its device, its endpoint."""
    model = clone / "models" / "pump"
    model.mkdir()
    for name in ("data", "model", "train"):
        source = (clone / "models" / "anomaly" / f"{name}.py").read_text()
        (model / f"{name}.py").write_text(source.replace("models.anomaly", "models.pump"))
    (model / "score.py").write_text(SLOPPY)
    (model / "README.md").write_text(README)
    layer = (clone / "edge" / "layers" / "anomaly.py").read_text()
    (clone / "edge" / "layers" / "pump.py").write_text(layer.replace('MODEL = "anomaly"', 'MODEL = "pump"') + SLOPPY)
    file = clone / "Pulumi.local.yaml"
    text = file.read_text()
    for head, entry in (
        ("models", "{name: pump, train: {data: {source: csv, path: mine.csv}}, endpoints: [{kind: containerGroup}]}"),
        ("layers", "{name: pump, priority: 90, targetCondition: \"tags.model = 'pump'\"}"),
        ("devices", "{id: pump-01, tags: {model: pump}, host: external}"),
    ):
        assert text.count(f"  edgeway:{head}:\n") == 1
        text = text.replace(f"  edgeway:{head}:\n", f"  edgeway:{head}:\n    - {entry}\n")
    file.write_text(text)


def test_the_projects_checks_pass_with_what_somebody_added(tmp_path: Path) -> None:
    clone = copy_of_the_tree(ROOT, tmp_path / "clone")
    add_guest(clone)
    (clone / ".venv").symlink_to(sys.prefix)  # what scripts call

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *CHECKS, PLANS],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-8000:]
