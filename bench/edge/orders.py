"""How the bench speaks with the processes that it starts: one line of JSON each way, over their stdin and stdout."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.edge.process import Process
from bench.machine import BenchError

ANSWER_SECONDS = 60.0


class Child(Process):
    """A process of the bench's own."""

    def __init__(self, command: Sequence[str], *, core: int, log: Path, variables: Mapping[str, str]) -> None:
        super().__init__(command, core=core, log=log, variables=variables, talks=True)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._unread = b""

    def ask(self, order: Mapping[str, Any]) -> Any:
        self.order(order)
        return self.answer()

    def order(self, order: Mapping[str, Any]) -> None:
        self._stdin.write(json.dumps(order).encode() + b"\n")
        self._stdin.flush()

    def answer(self) -> Any:
        """BenchError where it ends first, or is silent for `ANSWER_SECONDS`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._stdout], [], [], max(0.0, deadline - time.monotonic()))
            read = os.read(self._stdout.fileno(), 1 << 20) if ready else b""
            if not read:
                raise BenchError(f"{self.name} {'ended' if ready else 'is silent'}: {self.last_lines()}")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)

    def end(self) -> None:
        super().end()
        self._stdin.close()
        self._stdout.close()


def answer(value: object) -> None:
    """Says it to the bench, in the child."""
    print(json.dumps(value), flush=True)


def next_order() -> dict[str, Any] | None:
    """None where the bench has gone."""
    line = sys.stdin.readline()
    order: dict[str, Any] | None = json.loads(line) if line else None
    return order
