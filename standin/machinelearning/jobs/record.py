"""What is remembered of a job beside its description, committed at each step: a killed stand-in goes on from there."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from standin.core.store import Store

Status = Literal[
    "NotStarted", "Queued", "Preparing", "Running", "Finalizing", "CancelRequested", "Completed", "Failed", "Canceled"
]
OVER: tuple[Status, ...] = ("Completed", "Failed", "Canceled")
_KIND, _LOGGED = "ml job", "ml logged"


class Failure(msgspec.Struct, frozen=True):
    code: str
    message: str


class Record(msgspec.Struct, kw_only=True):
    name: str
    status: Status = "NotStarted"
    created: str = ""
    started: str | None = None
    ended: str | None = None
    node: str | None = None
    cancel: bool = False
    """Asked for; the job is on its way to Canceled."""
    error: Failure | None = None
    token: str = ""
    """The SHA-256 of what its container shows to log metrics."""

    @property
    def over(self) -> bool:
        return self.status in OVER


class Records:
    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Record | None:
        """`key` is the resource's."""
        saved = self._store.get(_KIND, key)
        return msgspec.convert(saved, Record) if saved else None

    def save(self, key: str, record: Record) -> None:
        document: dict[str, Any] = msgspec.to_builtins(record)
        self._store.put(_KIND, key, document)

    def forget(self, key: str) -> None:
        self._store.delete(_KIND, key)

    def all(self) -> dict[str, Record]:
        return {key: msgspec.convert(saved, Record) for key, saved in self._store.list(_KIND)}


class Logged:
    """What a script logged of its run: metrics in the order in which they came, parameters and tags by name."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, job: str, kind: str, key: str, value: dict[str, Any]) -> None:
        self._store.put(_LOGGED, f"{job}\n{kind}\n{key}", value)

    def all(self, job: str, kind: str) -> list[dict[str, Any]]:
        return [value for _, value in self._store.list(_LOGGED, f"{job}\n{kind}\n")]

    def forget(self, job: str) -> None:
        self._store.delete_all(_LOGGED, f"{job}\n")
