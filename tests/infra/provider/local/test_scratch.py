"""A folder for a moment outlives neither its operation nor a provider that was killed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from infra.provider.scratch import scratch, sweep


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_gone_when_the_operation_is_over_and_nobody_removes_it_before(temporary: Path) -> None:
    with scratch("train") as folder:
        (folder / "file").touch()
        sweep()
        assert (folder / "file").exists()
    assert list(temporary.iterdir()) == []


def test_that_of_a_killed_process_is_removed_by_the_next_one(temporary: Path) -> None:
    with scratch("train") as folder:
        left = temporary / f"{folder.name}-of-a-killed-one"  # nobody has its lock
        (left / "artifact").mkdir(parents=True)
        sweep()
        assert list(temporary.iterdir()) == [folder]


def test_what_is_not_ours_stays(temporary: Path) -> None:
    (temporary / "edgeway-somebody").mkdir()
    (temporary / "edgeway-scratch-link").symlink_to(temporary / "edgeway-somebody")
    sweep()
    assert len(list(temporary.iterdir())) == 2
