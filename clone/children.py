"""Processes that run a clone's code: what they see of the environment, and that they end with whoever started them.

    subprocess.Popen(bound([sys.executable, "-m", "models.new"]), env=bare_environment(root), cwd=root)

This file is also a program, which runs the other one: Linux ends a child for its parent only where the child has asked
for it (PR_SET_PDEATHSIG), and what runs between `fork` and `exec` in a process of several threads may hang.
It imports nothing but the standard library, as it runs without any other.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_FINDS_PROGRAMS = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html


def bare_environment(root: Path, *also: str) -> dict[str, str]:
    """What finds programs and the clone's packages, and the variables that are named: no credentials, no proxies."""
    passed = {name: os.environ[name] for name in (*_FINDS_PROGRAMS, *also) if name in os.environ}
    return {**passed, "PYTHONPATH": str(root)}


def bound(command: Sequence[str]) -> list[str]:
    """The command as one that is killed when the thread that starts it is gone, a SIGKILL of its process included."""
    return [sys.executable, "-S", "-E", __file__, str(os.getpid()), *command]


def main(parent: str, *command: str) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # it may have ended before this was asked for
    if os.getppid() != int(parent):
        sys.exit(128 + signal.SIGKILL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be started: {error.strerror}")


if __name__ == "__main__":
    main(*sys.argv[1:])
