"""Messages as the built-in endpoint gives them, without an endpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cli.events.message import Message


def message(id: str | None = "m1", **more: Any) -> Message:
    known: dict[str, Any] = {
        "device": "edge-01",
        "module": "scorer",
        "enqueued": datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC),
        "partition": "0",
        "sequence": 1,
        "content_type": "application/json",
        "properties": {"AzureMLResponse": "OK", "model": "a" * 12},
        "body": {"anomaly": False},
    }
    return Message(id=id, **{**known, **more})


class ListReader:
    """Gives the messages of a list, then nothing."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages

    def __enter__(self) -> ListReader:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def next(self, timeout: float) -> Message | None:
        return self.messages.pop(0) if self.messages else None
