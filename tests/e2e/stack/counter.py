"""Counts what the device's sensor sent and what arrived at the hub, while hub, stand-in and devices come and go.

The sensor gives each reading the next number of its life, sends it until the edge hub has it, and makes the next one
only then: what was sent are all numbers up to the last that arrived, and one that is missing between them was lost.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.e2e.stack.local_stack import DEVICE, STACK, LocalStack, eventually

_PAUSE_S = 2.0
_SILENT_S = 8.0
_SETTLE_S = 180.0
_BEYOND = 5


@dataclass(frozen=True)
class Count:
    sent: int = 0
    lost: tuple[str, ...] = ()
    """`life/number`."""


def count(arrived: Mapping[str, Iterable[int]], before: Mapping[str, Iterable[int]]) -> Count:
    """Of the lives that sent anything since: from the first number that was not there before, or the life's first."""
    sent, lost = 0, []
    for life, numbers in arrived.items():
        seen, old = set(numbers), set(before.get(life, ()))
        first, last = max(old, default=0) + 1, max(seen)
        sent += max(last - first + 1, 0)
        lost += [f"{life[:8]}/{number}" for number in range(first, last) if number not in seen]
    return Count(sent, tuple(lost))


class Counter:
    """Reads the built-in endpoint all the time: `edgeway monitor`, started again where it is silent."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._arrived: dict[str, set[int]] = defaultdict(set)
        self._newest = "earliest"
        self._heard = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._reader: subprocess.Popen[str] | None = None
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._watch)]

    def __enter__(self) -> Counter:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._end_reader()
        for thread in self._threads:
            thread.join(30)

    def arrived(self) -> dict[str, set[int]]:
        """The numbers of each of the sensor's lives."""
        with self._lock:
            return {life: set(numbers) for life, numbers in self._arrived.items()}

    def settle(self) -> None:
        """Until messages behind all that was sent by now have arrived: the hub keeps their order."""
        newest = {life: max(numbers) for life, numbers in self.arrived().items()}

        def beyond() -> bool:
            now = self.arrived()
            return any(max(numbers) >= newest.get(life, 0) + _BEYOND for life, numbers in now.items())

        eventually("the device's messages go on", beyond, limit_s=_SETTLE_S)

    def _read(self) -> None:
        while not self._over.is_set():
            options = ("--stack", STACK, "--json", "--device", DEVICE, "--from", self._newest, "--keep-repeats")
            self._heard = time.monotonic()
            self._reader = self._stack.start("edgeway", "monitor", *options)
            with self._reader as reader:
                for line in reader.stdout or ():
                    with suppress(ValueError, KeyError, TypeError):
                        self._note(json.loads(line))
            self._over.wait(_PAUSE_S)

    def _watch(self) -> None:
        """A reader waits for ever for a hub that was deleted, and for one of the same name that was made anew."""
        while not self._over.wait(_PAUSE_S):
            if time.monotonic() - self._heard > _SILENT_S:
                self._end_reader()

    def _end_reader(self) -> None:
        if self._reader is not None and self._reader.poll() is None:
            self._reader.kill()

    def _note(self, message: Mapping[str, Any]) -> None:
        properties = message["properties"]
        with self._lock:
            self._arrived[str(properties["batchId"])].add(int(properties["sequenceNumber"]))
        self._newest = str(message["enqueued"])
        self._heard = time.monotonic()
