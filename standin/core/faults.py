"""Faults that a test asks for: requests that fail, break or are forgotten, answers kept back, devices whose way to the
hub is cut.

Set through `/_standin/faults`; kept in memory only, so that a restart heals everything.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Fault:
    host: str
    """Suffix of the host name it strikes; "" strikes all."""
    path: str = ""
    """Text that the path must contain, in any case."""
    method: str = ""
    status: int | None = 503
    """None resets the connection instead of answering; one below 300 says that it is done, and nothing is."""
    count: int = 1
    after: int = 0
    """How many such requests pass before it strikes."""
    body: object = None
    """A JSON value that is answered with the status, in the place of what would be."""
    holds: bool = False
    """The request is done, and its answer kept back until it is released: whoever asked does not know."""

    @property
    def feigns(self) -> bool:
        return self.status is not None and self.status < 300

    def strikes(self, method: str, host: str, path: str) -> bool:
        return (
            self.count > 0
            and host.lower().endswith(self.host.lower())
            and self.path.lower() in path.lower()
            and self.method.upper() in ("", method)
        )


class Faults:
    def __init__(self) -> None:
        self.planned: list[Fault] = []
        self.held = 0
        """Answers that are kept back now."""
        self._cut: set[str] = set()
        self._changed = asyncio.Event()
        self._released = asyncio.Event()

    def strike(self, method: str, host: str, path: str) -> Fault | None:
        """The fault that this request meets, used up by one."""
        for fault in self.planned:
            if fault.strikes(method, host, path):
                if fault.after:
                    fault.after -= 1
                    continue
                fault.count -= 1
                if not fault.count:
                    self.planned.remove(fault)
                return fault
        return None

    async def hold(self) -> None:
        """Returns when answers are released."""
        self.held += 1
        try:
            await self._released.wait()
        finally:
            self.held -= 1

    def cut(self, device: str) -> None:
        self._cut.add(device.lower())
        self._wake()

    def restore(self, device: str) -> None:
        self._cut.discard(device.lower())
        self._wake()

    def is_cut(self, device: str) -> bool:
        """Whether the device's upstream is cut: its sockets are dropped and new ones refused."""
        return device.lower() in self._cut

    def cut_devices(self) -> list[str]:
        return sorted(self._cut)

    async def changed(self) -> None:
        """Returns at the next cut or restore."""
        await self._changed.wait()

    def clear(self) -> None:
        self.planned.clear()
        self._cut.clear()
        self.release()
        self._wake()

    def release(self) -> None:
        """Answers that are kept back go their way."""
        self._released.set()
        self._released = asyncio.Event()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
