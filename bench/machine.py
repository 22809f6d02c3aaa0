"""The machine that a benchmark runs on: its cores, what runs on them, and what a tree of processes has used of it."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import signal
import subprocess
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class BenchError(Exception):
    """A server that cannot be measured: it did not start, or answered wrongly."""


def cores() -> tuple[int, int]:
    """One for the server, one for the load."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError("one core only: server and load need one each")
    return allowed[0], allowed[1]


def cpu_s(root: int) -> float:
    """User and system time of a process and of all below it, with those of them that have ended."""
    return sum(sum(map(int, _stat(pid)[11:15])) for pid in _tree(root)) / _TICK


def rss_bytes(root: int) -> int:
    return sum(int(_stat(pid)[21]) * _PAGE for pid in _tree(root))


def end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started: it leads a session."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
    # those that outlived their leader
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _tree(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    tree = [root]
    for pid in tree:
        tree.extend(parents.get(pid, []))
    return tree


def _stat(pid: int) -> list[str]:
    """Fields of /proc/<pid>/stat from the state on: the name before it may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


class Busy:
    """How much of the two cores others used: what this process and its children did not."""

    def __init__(self) -> None:
        self._before = self._now()

    def of_others(self) -> float:
        busy, total, own = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return max(0.0, (busy - own) / total) if total else 0.0

    def _now(self) -> tuple[float, float, float]:
        tick = os.sysconf("SC_CLK_TCK")
        rows = [line.split() for line in Path("/proc/stat").read_text().splitlines() if line.startswith("cpu")]
        used = [list(map(int, row[1:9])) for row in rows if row[0] in {f"cpu{core}" for core in cores()}]
        total = sum(map(sum, used)) / tick
        idle = sum(row[3] + row[4] for row in used) / tick
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return total - idle, total, sum(usage.ru_utime + usage.ru_stime for usage in usages)


def described() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model,
        "cores": f"{len(os.sched_getaffinity(0))} (server on one, load on another)",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
    }
