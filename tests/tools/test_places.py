"""Where scripts keep what clones share, whatever HOME says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from clone.root import ROOT


def told(tmp_path: Path, **environment: str | None) -> tuple[str, str]:
    """EDGEWAY_CACHE and UV_CACHE_DIR as a script has them."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "lib.sh").write_bytes((ROOT / "tools" / "lib.sh").read_bytes())
    kept = {name: value for name, value in os.environ.items() if name not in ("EDGEWAY_CACHE", "XDG_CACHE_HOME")}
    asked = {**kept, **environment}
    done = subprocess.run(
        ["bash", "-euc", '. tools/lib.sh; printf "%s\\n" "$EDGEWAY_CACHE" "${UV_CACHE_DIR:-}"'],
        cwd=tmp_path,
        env={name: value for name, value in asked.items() if value is not None},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    cache, uv = done.stdout.splitlines()
    return cache, uv


def test_a_home_that_can_be_written_has_it(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    home.mkdir()

    assert told(tmp_path, HOME=str(home), UV_CACHE_DIR=None) == (f"{home}/.cache/edgeway", "")


@pytest.mark.parametrize("home", ["/proc/1", "/dev/null/home"])
def test_without_one_the_clone_has_it(tmp_path: Path, home: str) -> None:
    cache = f"{tmp_path}/.local/cache"

    assert told(tmp_path, HOME=home, UV_CACHE_DIR=None) == (cache, f"{cache}/uv")


def test_a_process_without_home_has_its_users(tmp_path: Path) -> None:
    shared = tmp_path / "shared"

    assert told(tmp_path, HOME=None, EDGEWAY_CACHE=str(shared))[0] == str(shared)


@pytest.mark.parametrize("umask", ["000", "022", "077"])
def test_what_a_clone_keeps_for_itself_is_its_owners_alone_whatever_the_umask(tmp_path: Path, umask: str) -> None:
    (tmp_path / "old").mkdir(mode=0o755)
    subprocess.run(
        ["bash", "-euc", f'umask {umask}; . "{ROOT}/tools/lib.sh"; private old new/er'],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )

    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("old", "new/er")] == [0o700, 0o700]
