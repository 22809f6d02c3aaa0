"""Takes away Pulumi's locks of a stack whose processes are gone: dead_locks.py FOLDER STACK, and says which.

An engine that is killed leaves its lock in a backend that is a folder, and from then on `up`, `refresh` and `destroy`
refuse. FOLDER is the backend's `.pulumi/locks`. A lock is taken away where its process was one of this machine and is
there no more; of another machine nothing is known, and its lock stays.
https://github.com/pulumi/pulumi/blob/v3.230.0/pkg/backend/diy/lock.go
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

PROJECT = "edgeway"
_CLOCK_SECONDS = 2.0
"""By how much the kernel's clock of processes and the lock's may differ."""


def dead_locks(folder: Path, stack: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in sorted(folder.glob(f"**/{PROJECT}/{stack}/*.json")):
        try:
            lock = json.loads(file.read_text("utf-8"))
            is_dead = lock["hostname"] == socket.gethostname() and not _runs(int(lock["pid"]), lock["timestamp"])
        except (OSError, ValueError, LookupError, TypeError):
            continue  # it was given back meanwhile, or is none that is known here
        if is_dead:
            yield file, lock


def _runs(pid: int, locked_at: str) -> bool:
    """Whether it is that process: a number is used again, by one that began after the lock was made."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        boot = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime "))
    except OSError:
        return False
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and 22
    began = int(boot.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    # fractions of nine digits are more than Python 3.11 reads in every form
    locked = datetime.fromisoformat(f"{locked_at[:19]}+00:00").timestamp()
    return fields[0] != "Z" and began <= locked + _CLOCK_SECONDS


def main(folder: str, stack: str) -> None:
    for file, lock in dead_locks(Path(folder), stack):
        file.unlink(missing_ok=True)
        print(f"the lock of an earlier run is taken away: its process {lock['pid']} is gone ({file})")


if __name__ == "__main__":
    main(*sys.argv[1:])
