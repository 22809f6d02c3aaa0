"""Where everything runs: a folder, a loopback address, two cores."""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edge.modules.paho import Login
from bench.edge.orders import Child
from bench.edge.process import Process
from bench.machine import BenchError, cores
from bench.scoring.environments import LOCAL

START_SECONDS = 30.0
LOGS = LOCAL / "edge"


@dataclass(frozen=True, slots=True)
class Site:
    """What it starts ends with it, the last first."""

    folder: Path
    """With a short name: a unix socket's has at most 107 bytes."""
    address: str
    running: contextlib.ExitStack

    @property
    def config(self) -> Path:
        """Of the edge hub; the broker shows the same certificate."""
        return self.folder / "config"

    @property
    def trusted(self) -> Path:
        return self.config / "ca.pem"

    @property
    def workload(self) -> Path:
        return self.folder / "w"

    def server(self, name: str, command: Sequence[str], there: Callable[[], bool]) -> Process:
        """On a core of its own."""
        process = Process(command, core=cores()[0], log=LOGS / f"{name}.log", variables={})
        self.running.callback(process.end)
        deadline = time.monotonic() + START_SECONDS
        while not there():
            process.check()
            if time.monotonic() > deadline:
                raise BenchError(f"{name} is not there after {START_SECONDS:.0f} s: {process.last_lines()}")
            time.sleep(0.02)
        return process

    def child(
        self,
        name: str,
        module: str,
        *arguments: str,
        variables: Mapping[str, str] | None = None,
        core: int | None = None,
    ) -> Child:
        """On the other core, unless one is given; what it says first is still to be read."""
        command = [sys.executable, "-m", module, *arguments]
        made = Child(
            command, core=cores()[1] if core is None else core, log=LOGS / f"{name}.log", variables=variables or {}
        )
        self.running.callback(made.end)
        return made

    def paho(self, name: str, role: str, login: Login) -> Child:
        file = self.folder / f"{name}.login"
        login.write(file)
        module = self.child(name, "bench.edge.modules.paho", role, str(file))
        module.answer()
        return module


@contextlib.contextmanager
def site() -> Iterator[Site]:
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ew") as folder, contextlib.ExitStack() as running:
        address = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(2, 255)}"
        yield Site(Path(folder), address, running)
