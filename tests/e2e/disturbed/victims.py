"""Finds the processes of a running stack, and ends them without a word."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.e2e.stack.local_stack import DEVICE, LocalStack

_ENGINE = "pulumi"
_PROVIDER = ["-m", "infra.provider"]
PLACES = {"group": "edgeway.group", "device": f"edgeway.device={DEVICE}"}


def of_session(session: int) -> Iterator[int]:
    """The processes that a command has started, itself included; daemons that it left are of other sessions."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _session(folder) == session:
            yield int(folder.name)


def _session(folder: Path) -> int:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return -1
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and 6
    return -1 if fields[0] == "Z" else int(fields[3])


def ancestors(pid: int) -> Iterator[int]:
    """Who has started it, and so on; what has outlived its parent is the child of process 1."""
    while pid > 1:
        try:
            pid = int(Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return
        yield pid


def arguments(pid: int) -> list[str]:
    with suppress(OSError):
        return Path("/proc", str(pid), "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    return []


def pids(process: str, session: int) -> list[int]:
    """Of the engine or of our provider, where a command of this session runs them."""
    found = [(pid, arguments(pid)) for pid in of_session(session)]
    if process == "engine":
        return [pid for pid, words in found if words and Path(words[0]).name == _ENGINE]
    return [pid for pid, words in found if words[1:3] == _PROVIDER]


def standin(stack: LocalStack) -> list[int]:
    with suppress(OSError, ValueError):
        pid = int((stack.standin_state / "pid").read_text())
        if str(stack.standin_state) in arguments(pid):
            return [pid]
    return []


def containers(stack: LocalStack, *labels: str) -> dict[str, str]:
    """Of those that run: id -> name."""
    command = ["docker", "ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}"]
    for label in (f"edgeway.standin={stack.instance}", *labels):
        command += ["--filter", f"label={label}"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {row.split(" ", 1)[0]: row.split(" ", 1)[1] for row in rows}


def kill_pids(found: list[int]) -> bool:
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(found)


def kill_containers(found: list[str]) -> bool:
    """Whether one was killed: it may have ended meanwhile. Its process, as a crash would: what `docker kill` ends is
    stopped by hand to Docker, and no restart policy starts it again."""
    command = ["docker", "inspect", "--format", "{{.State.Pid}}"]
    asked = [subprocess.run([*command, one], capture_output=True, text=True, check=False) for one in found]
    return kill_pids([int(one.stdout) for one in asked if one.returncode == 0 and int(one.stdout) > 0])


def alive(process: str, where: str, session: int, stack: LocalStack) -> list[int] | list[str]:
    """Pids or ids of containers; empty where there is none now."""
    if process in ("engine", "provider"):
        return pids(process, session)
    if process == "stand-in":
        return standin(stack)
    if process == "scorer":
        return list(containers(stack, PLACES[where], "edgeway.image=scoring"))
    return [one for one, name in containers(stack, PLACES["device"]).items() if name.endswith("edgeHub")]


def kill(found: list[int] | list[str]) -> bool:
    numbers = [one for one in found if isinstance(one, int)]
    names = [one for one in found if isinstance(one, str)]
    return kill_pids(numbers) or kill_containers(names)
