"""The folder of a run of `make up`, `preview` or `down`: it ends with the run, or is removed by the next one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from clone.root import ROOT


def run(temporary: Path, then: str = "") -> str:
    script = f'set -euo pipefail; . tools/lib.sh; . tools/forecast.sh; echo "$work"; [ -d "$work" ]; {then}'
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_it_is_gone_with_the_run(tmp_path: Path) -> None:
    assert Path(run(tmp_path)).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_that_of_a_killed_run_is_removed_by_the_next_one_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    killed = Path(run(tmp_path, then="kill -9 $$"))
    assert killed.is_dir()
    living = tmp_path / f"edgeway-work.{os.getpid()}.abc"
    living.mkdir()
    run(tmp_path)
    assert list(tmp_path.iterdir()) == [living]
