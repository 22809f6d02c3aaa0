"""A process on a core of its choice: watched through /proc, ended with all that it started."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import machine
from bench.machine import BenchError
from bench.scoring.environments import ROOT


class Process:
    """`talks`: its stdin and stdout are pipes; else what it says goes into the log."""

    def __init__(
        self, command: Sequence[str], *, core: int, log: Path, variables: Mapping[str, str], talks: bool = False
    ) -> None:
        self.name = log.stem
        self._command = ["taskset", "-c", str(core), *command]
        self._log = log
        self._variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
        self._talks = talks
        log.unlink(missing_ok=True)
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as file:
            return subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._variables,
                stdin=subprocess.PIPE if self._talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._talks else file,
                stderr=file,
                start_new_session=True,
            )

    def cpu_s(self) -> float:
        return machine.cpu_s(self._process.pid)

    def rss_bytes(self) -> int:
        return machine.rss_bytes(self._process.pid)

    def check(self) -> None:
        """BenchError where it has ended."""
        if (code := self._process.poll()) is not None:
            raise BenchError(f"{self.name} ended with {code}: {self.last_lines()}")

    def kill_and_start_again(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def last_lines(self) -> str:
        return self._log.read_text(errors="replace")[-800:]

    def end(self) -> None:
        machine.end(self._process)
