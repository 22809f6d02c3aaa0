"""The lock of an engine that was killed is taken away; that of one that runs, or of another machine, never."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clone.root import ROOT
from tools.dead_locks import dead_locks, main


def gone() -> int:
    """The number of a process that was."""
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def locked(root: Path, *, stack: str = "dev", **other: Any) -> Path:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.108355749Z"
    file = root / "organization" / "edgeway" / stack / "869f7567.json"
    file.parent.mkdir(parents=True)
    content = {"pid": gone(), "username": "root", "hostname": socket.gethostname(), "timestamp": now, **other}
    file.write_text(json.dumps(content))
    return file


def test_a_lock_whose_process_is_gone_is_taken_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, other = locked(tmp_path), locked(tmp_path, stack="prod")
    main(str(tmp_path), "dev")
    assert (file.exists(), other.exists()) == (False, True)
    assert capsys.readouterr().out.startswith("the lock of an earlier run is taken away: its process ")


@pytest.mark.parametrize(
    "lock", [{"pid": os.getpid()}, {"hostname": "another"}, {"pid": "none"}, {"timestamp": None}, {"hostname": None}]
)
def test_a_lock_of_whom_it_is_not_known_that_he_is_gone_stays(tmp_path: Path, lock: dict[str, Any]) -> None:
    file = locked(tmp_path, **lock)
    if "timestamp" in lock:
        file.write_text(file.read_text().replace(str(json.loads(file.read_text())["pid"]), str(os.getpid())))
    assert [*dead_locks(tmp_path, "dev")] == []


def test_a_number_that_another_process_has_now_is_not_the_locks(tmp_path: Path) -> None:
    before = f"{datetime.now(UTC) - timedelta(days=400):%Y-%m-%dT%H:%M:%S}Z"
    file = locked(tmp_path, pid=os.getpid(), timestamp=before)
    assert [found for found, _ in dead_locks(tmp_path, "dev")] == [file]


def test_without_locks_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(str(tmp_path / "nowhere"), "dev")
    assert capsys.readouterr().out == ""


def test_the_run_whose_engine_was_killed_takes_its_lock_away_before_it_keeps_what_is_left(tmp_path: Path) -> None:
    """Or it ended with the lock as its reason."""
    file = locked(tmp_path / "locks")
    functions = f'. tools/lib.sh; stack=dev work={tmp_path}; . tools/state.sh; state_folder() {{ echo "$work"; }}'
    script = f"{functions}; in_stack() {{ return 1; }}; keep_what_got_no_answer nothing"
    subprocess.run(["bash", "-c", script], cwd=ROOT, check=True)
    assert not file.exists()
