"""What of a clone is the project's own, and what somebody brought who uses it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from clone.root import ROOT
from tools.guests import LAYERS, MODELS, guests, is_guest


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x = 1\n")


def test_models_layers_and_their_tests_that_the_project_does_not_name_are_guests(tmp_path: Path) -> None:
    write(tmp_path, "models/source.py", "models/anomaly/train.py", "models/__pycache__/source.pyc")
    write(tmp_path, "edge/layers/__init__.py", "edge/layers/anomaly.py", "tests/edge/layers/test_catalogue.py")
    write(tmp_path, "models/pump/train.py", "tests/models/pump/test_pump.py")
    write(tmp_path, "edge/layers/pump.py", "tests/edge/layers/test_pump.py")

    found = {path.relative_to(tmp_path).as_posix() for path in guests(tmp_path)}

    assert found == {"models/pump", "tests/models/pump", "edge/layers/pump.py", "tests/edge/layers/test_pump.py"}
    assert is_guest(tmp_path / "models" / "pump" / "train.py", tmp_path)
    assert not is_guest(tmp_path / "models" / "anomaly" / "train.py", tmp_path)


def test_the_projects_own_are_those_that_the_import_contracts_order() -> None:
    """A model of ours that is in neither list would be held to nothing."""
    contracts = tomllib.loads((ROOT / "importlinter.toml").read_text())["tool"]["importlinter"]["contracts"]
    (order,) = [one["layers"] for one in contracts if one["name"] == "Order inside models"]

    ordered = {name for layer in order for name in re.split(r"\s*\|\s*", layer)}
    assert {name for name in ordered if (ROOT / "models" / name).is_dir()} == MODELS
    assert all((ROOT / "edge" / "layers" / f"{name}.py").is_file() for name in LAYERS)
