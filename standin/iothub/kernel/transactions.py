"""All or nothing for a hub: store, memory, and what others are told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from standin.core.store import Store

Callback = Callable[[], None]


class Transactions:
    """`settle` runs before the commit and may still write; `reload` after a rollback."""

    def __init__(self, store: Store, *, settle: Callback, reload: Callback) -> None:
        self._store = store
        self._settle = settle
        self._reload = reload
        self._open = False
        self._news: list[Callback] = []

    def afterwards(self, callback: Callback) -> None:
        """Once the transaction is on disk; never where it failed."""
        self._news.append(callback)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """A nested one joins. Nobody may await inside."""
        if self._open:
            yield
            return
        self._open = True
        try:
            with self._store.transaction():
                yield
                self._settle()
        except BaseException:
            self._news.clear()
            self._reload()
            raise
        finally:
            self._open = False
        news, self._news = self._news, []
        for callback in news:
            callback()
