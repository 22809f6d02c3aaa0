"""A run of the engine whose stand-in ends: it is told, and the run is ended soon instead of trying for minutes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from clone.root import ROOT

pytestmark = pytest.mark.slow

_SCRIPT = """
set -euo pipefail
. "$TOOLS/lib.sh"; work=$PWD
eval "$(sed -n '/^GONE_LIMIT_S=/,$p' "$TOOLS/forecast.sh" | sed '/^# forecast OPTIONS/,$d')"
status=0; with_standin bash -c "$1" || status=$?
exit "$status"
"""
PATIENT_S = 30.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    script = tmp_path / "tools" / "standin.sh"
    script.write_text("#!/usr/bin/env bash\n[ -e alive ]\n")
    script.chmod(0o755)
    return tmp_path


def run(place: Path, command: str, limit_s: int) -> tuple[int, str, float]:
    began = time.monotonic()
    environment = {**os.environ, "TOOLS": str(ROOT / "tools"), "GONE_LIMIT_S": str(limit_s)}
    done = subprocess.run(  # noqa: PLW1510 - how it ends is what is asked
        ["bash", "-c", _SCRIPT, "run", command], cwd=place, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stderr, time.monotonic() - began


def test_a_run_is_ended_where_nobody_starts_it_again(place: Path) -> None:
    status, said, took = run(place, "exec sleep 90", limit_s=1)

    assert status == 143
    assert "the stand-in has ended" in said
    assert "`make up` starts it and goes on" in said
    assert took < PATIENT_S


def test_a_run_that_is_killed_leaves_no_watcher(place: Path) -> None:
    (place / "alive").touch()
    environment = {**os.environ, "TOOLS": str(ROOT / "tools")}
    with subprocess.Popen(
        ["bash", "-c", _SCRIPT, "run", "touch began; exec sleep 90"], cwd=place, env=environment, stderr=subprocess.PIPE
    ) as run:
        deadline = time.monotonic() + PATIENT_S
        while not (place / "began").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        child = subprocess.run(["pgrep", "-P", str(run.pid), "-x", "sleep"], capture_output=True, text=True, check=True)
        run.kill()
        run.wait()
        os.kill(int(child.stdout), signal.SIGKILL)
        assert run.stderr is not None
        assert run.stderr.read() == b"", "nobody holds the pipe any more"


def test_a_run_goes_on_while_it_lives_and_ends_as_it_ends(place: Path) -> None:
    (place / "alive").touch()

    assert run(place, "read -t 2.5 < <(sleep 3); exit 7", limit_s=1)[:2] == (7, "")


def test_a_standin_that_is_started_again_soon_ends_nothing(place: Path) -> None:
    status, said, _ = run(place, "read -t 1.5 < <(sleep 3); touch alive; read -t 1.5 < <(sleep 3); exit 0", limit_s=20)

    assert (status, said) == (0, "")
