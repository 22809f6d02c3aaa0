"""What a process that runs a clone's code sees, and how it is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clone.children import bare_environment, bound


def test_it_sees_what_finds_programs_and_what_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AZURE_CLIENT_SECRET", "HTTPS_PROXY", "PULUMI_CONFIG_PASSPHRASE", "HOME", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "hush")
    seen = bare_environment(tmp_path)
    assert set(seen) <= {"PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH"}
    assert (seen["PATH"], seen["PYTHONPATH"]) == (os.environ["PATH"], str(tmp_path))
    assert bare_environment(tmp_path, "HOME", "NOT_THERE").keys() == {*seen, "HOME"}


def test_a_bound_command_is_the_command_itself() -> None:
    told = subprocess.run(
        bound(["sh", "-c", "echo $0 $1; exit 3", "a", "b"]), capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (3, "a b\n", "")
    killed = subprocess.run(bound(["sh", "-c", "kill -SEGV $$"]), check=False)
    assert killed.returncode == -11


def test_a_command_that_is_not_there_is_named() -> None:
    told = subprocess.run(bound(["nowhere-to-be-found"]), capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "nowhere-to-be-found cannot be started: No such file or directory\n")


def test_whose_parent_has_ended_before_it_asked_does_not_begin() -> None:
    command = bound(["echo", "begun"])
    command[command.index(str(os.getpid()))] = "1"
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (137, "")
    assert command[:3] == [sys.executable, "-S", "-E"]
