"""What a process makes once and keeps: the sign-in, and the SDKs' clients with their tokens and connections."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache, wraps
from threading import RLock
from typing import TypeVar

T = TypeVar("T")

_forgetting: list[Callable[[], None]] = []


def once_per_process(make: Callable[..., T]) -> Callable[..., T]:
    """Of a function: made at its first call with these arguments, and the same ever after.

    @once_per_process
    def client(host: str) -> Client: ...
    """
    kept = cache(make)
    _forgetting.append(kept.cache_clear)
    lock = RLock()

    @wraps(make)
    def made(*arguments: Hashable, **named: Hashable) -> T:
        # `cache` lets threads that come at once make one each
        with lock:
            return kept(*arguments, **named)

    return made


def forget_sessions() -> None:
    """The next call of each signs in and connects anew: for a process that turns to another Azure, as tests do."""
    for forget in _forgetting:
        forget()
