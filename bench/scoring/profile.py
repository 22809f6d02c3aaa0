"""Where our time goes: py-spy samples the server under load, and each sample counts for the part that runs in it.

So every feature's price shows in microseconds of CPU a request, beside the bare loop's.
https://github.com/benfred/py-spy
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bench.machine import BenchError
from bench.scoring import environments
from bench.scoring.environments import LOCAL
from bench.scoring.load import Measured, measure
from bench.scoring.models import Model
from bench.scoring.process import running
from bench.scoring.servers import Server
from bench.scoring.workloads import Workload

SAMPLES_PER_SECOND = 500
# What runs inside a Python function without being Python, by the source or library that its frames name.
_NATIVE = (
    ("ONNX Runtime", re.compile(r"onnxruntime")),
    ("msgspec", re.compile(r"msgspec|_core\.c")),
    ("numpy", re.compile(r"numpy|multiarray")),
    ("httptools", re.compile(r"llhttp|httptools|parser\.c|\(api\.c|\(http\.c")),
    ("uvloop and the kernel", re.compile(r"uv_|uvloop|loop\.c|stream\.c|libpthread|epoll")),
)
# py-spy takes a thread that waits for a lock with a time-out as running: the watchdog's does nothing else.
_WAITING = "Condition.wait (threading.py:"
_FILE = re.compile(r"\((?P<file>[^()]+\.py):\d+\)$")


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    share: float
    cpu_us: float


def profile(server: Server, model: Model, workload: Workload, *, seconds: int) -> list[Part]:
    sampler = environments.anchor("profile")
    sampler.make()
    file = LOCAL / "profile.txt"
    measured: list[Measured] = []
    with running(server, model, workload) as one:
        # sampling stops the server for moments: the price of a request is measured without it
        alone = measure(one, workload, connections=16, seconds=seconds)
        load = threading.Thread(
            target=lambda: measured.append(measure(one, workload, connections=16, seconds=seconds + 3))
        )
        load.start()
        command = [
            *(str(sampler.python.with_name("py-spy")), "record", "--pid", str(one.process.pid), "--native"),
            *("--rate", str(SAMPLES_PER_SECOND), "--duration", str(seconds), "--format", "raw", "--output", str(file)),
        ]
        sampled = subprocess.run(command, capture_output=True, text=True, check=False)
        load.join()
    if sampled.returncode != 0 or not measured:
        raise BenchError(f"py-spy failed ({sampled.returncode}): {sampled.stderr[-500:]}")
    return parts(file.read_text().splitlines(), cpu_us=alone.cpu_us)


def parts(lines: Iterable[str], *, cpu_us: float) -> list[Part]:
    """Lines of `frame;frame;... count`, outermost first."""
    counts: Counter[str] = Counter()
    for line in lines:
        stack, _, count = line.rpartition(" ")
        if _WAITING not in stack:
            counts[owner(stack.split(";"))] += int(count)
    total = sum(counts.values())
    return [Part(name, count / total, count / total * cpu_us) for name, count in counts.most_common()]


def owner(frames: list[str]) -> str:
    """The library that runs inside the innermost Python function, else that function's file."""
    inner: list[str] = []
    for frame in reversed(frames):
        file = _FILE.search(frame)
        if file is None:
            inner.append(frame)
            continue
        for name, pattern in _NATIVE:
            if any(pattern.search(one) for one in inner):
                return name
        return _part(file["file"])
    return "the interpreter"


def _part(file: str) -> str:
    for package in ("uvicorn", "asyncio"):
        if file.startswith(f"{package}/"):
            return package
    return file
