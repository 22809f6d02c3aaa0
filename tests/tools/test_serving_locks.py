"""`make lock` and `make lint` for the packages of entry scripts; uv is a script here, test-long has the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.serving_locks import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("models/boiler", "models/plain", "images/scoring"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "images/scoring/requirements.lock").write_text("numpy==2.4.6\n")
    (tmp_path / "models/boiler/serving.in").write_text("pandas\n")
    return tmp_path


def uv(root: Path, script: str) -> str:
    file = root / "uv"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_a_lock_is_made_and_then_fits_until_its_serving_in_changes(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check"], root) == 1
    assert "models/boiler/serving.lock is missing" in capsys.readouterr().err
    assert main(["--uv", uv(root, 'echo "pandas==3.0.0 # $*"')], root) == 0
    first, rest = (root / "models/boiler/serving.lock").read_text().split("\n", 1)
    assert first.startswith("# Made by `make lock`")
    assert "compile models/boiler/serving.in --constraints images/scoring/requirements.lock --generate-hashes" in rest
    assert main(["--check"], root) == 0
    (root / "models/boiler/serving.in").write_text("pandas<3\n")
    assert main(["--check"], root) == 1


def test_a_conflict_names_both_sides_and_leaves_the_lock(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--uv", uv(root, "echo 'numpy==2.4.6 and numpy<2' >&2; exit 1")], root) == 1
    error = capsys.readouterr().err
    assert "models/boiler/serving.in does not go with the scoring image's packages (images/scoring/req" in error
    assert "numpy==2.4.6 and numpy<2" in error
    assert not (root / "models/boiler/serving.lock").exists()
