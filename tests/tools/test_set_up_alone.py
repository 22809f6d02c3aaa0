"""Clones of one machine set up one after the other what they share: two builds in one folder deleted each other's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from clone.root import ROOT
from tests.waiting import until

pytestmark = pytest.mark.slow

# what has to be set up is there once the first is done, as it would be of Pulumi
SCRIPT = """#!/usr/bin/env bash
set -euo pipefail
. "$(dirname "$0")/../lib.sh"
cd "$EDGEWAY_ROOT"
if [ -f "$EDGEWAY_CACHE/made" ]; then echo found "$@"; exit 0; fi
alone "$@"
echo began >> "$EDGEWAY_CACHE/log"
read -r < "$EDGEWAY_CACHE/go-on"
touch "$EDGEWAY_CACHE/made"
sleep 600 > /dev/null 2>&1 < /dev/null & echo $! > "$EDGEWAY_CACHE/daemon"
echo made "$@"
"""


def test_a_second_clone_waits_says_so_and_finds_what_the_first_one_made(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    os.mkfifo(cache / "go-on")
    go_on = os.open(cache / "go-on", os.O_RDWR)
    with set_up(tmp_path / "first", cache) as first:
        until("the first one began", (cache / "log").exists)
        with set_up(tmp_path / "second", cache) as second:
            assert second.stderr is not None
            assert "another clone sets this machine up" in second.stderr.readline()
            os.write(go_on, b"\n")
            assert first.communicate(timeout=30)[0] == "made first\n"
            # although a daemon that the first one started is still there
            assert second.communicate(timeout=30)[0] == "found second\n"
    os.close(go_on)
    os.kill(int((cache / "daemon").read_text()), signal.SIGKILL)
    assert (cache / "log").read_text() == "began\n"


def set_up(clone: Path, cache: Path) -> subprocess.Popen[str]:
    folder = clone / "tools" / "setup"
    folder.mkdir(parents=True)
    (folder.parent / "lib.sh").write_bytes((ROOT / "tools" / "lib.sh").read_bytes())
    (folder / "thing.sh").write_text(SCRIPT)
    (folder / "thing.sh").chmod(0o755)
    return subprocess.Popen(
        ["tools/setup/thing.sh", clone.name],
        cwd=clone,
        env={**os.environ, "EDGEWAY_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
