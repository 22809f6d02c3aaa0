"""The newest scored message of each device and model, from the hub's built-in endpoint."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from typing import Protocol

from cli.events.message import Message
from contracts.telemetry import PROPERTY_MODEL, PROPERTY_RESPONSE, RESPONSE_OK

_REOPEN = timedelta(seconds=10)
"""A step back that is smaller is not worth another connection."""


class Messages(Protocol):
    def next(self, timeout: float) -> Message | None:
        """None when nothing came within so many seconds."""


class Clock(Protocol):
    def monotonic(self) -> float:
        """In seconds."""

    def now(self) -> datetime: ...

    def wait(self, seconds: float) -> None: ...


class Mailbox:
    """Read only once something is waited for, from a moment on; then perhaps from an earlier one."""

    def __init__(self, connect: Callable[[datetime], AbstractContextManager[Messages]], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._messages: Messages | None = None
        self._from: datetime | None = None
        self._open = ExitStack()
        self._newest: dict[tuple[str, str | None, str], Message] = {}

    def __enter__(self) -> Mailbox:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read_from(self, moment: datetime) -> None:
        """Where it is read from an earlier moment already, nothing changes."""
        if self._from is None or moment < self._from - _REOPEN:
            self._open.close()
            self._messages = self._open.enter_context(self._connect(moment))
            self._from = moment

    def newest(self, device: str) -> dict[tuple[str | None, str], Message]:
        """By the module that sent it, and the version of the model that scored it."""
        return {(module, version): one for (sender, module, version), one in self._newest.items() if sender == device}

    def listen(self, seconds: float, is_awaited: Callable[[Message], bool]) -> None:
        """For so long, or until a message that is awaited is there."""
        if self._messages is None:
            self._clock.wait(seconds)
            return
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            message = self._messages.next(min(left, 1.0))
            if message is not None and self._keep(message, is_awaited):
                return

    def _keep(self, message: Message, is_awaited: Callable[[Message], bool]) -> bool:
        device, version = message.device, message.properties.get(PROPERTY_MODEL)
        if not device or not version or message.enqueued is None:
            return False
        if message.properties.get(PROPERTY_RESPONSE) != RESPONSE_OK:
            return False
        key = device, message.module, version
        before = self._newest.get(key)
        if before is None or before.enqueued is None or before.enqueued <= message.enqueued:
            self._newest[key] = message
        return is_awaited(message)
