"""All or nothing for a hub: store, memory, and what others are told about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from standin.core.store import Store

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Callback = Callable[[], None]
Afterwards = Callable[[Callback], None]


class Transactions:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._before_commit: list[Callback] = []
        self._after_rollback: list[Callback] = []
        self._open = False
        self._news: list[Callback] = []

    def before_commit(self, callback: Callback) -> None:
        """Of every transaction; it may still write."""
        self._before_commit.append(callback)

    def after_rollback(self, callback: Callback) -> None:
        """Of every transaction: what is in memory is to be read again."""
        self._after_rollback.append(callback)

    def afterwards(self, callback: Callback) -> None:
        """Once this transaction is on disk; never where it failed."""
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
                _call(self._before_commit)
        except BaseException:
            self._news.clear()
            _call(self._after_rollback)
            raise
        finally:
            self._open = False
        news, self._news = self._news, []
        _call(news)


def _call(callbacks: list[Callback]) -> None:
    for callback in callbacks:
        callback()


class Transacting(Protocol):
    @property
    def transactions(self) -> Transactions: ...


Owner = TypeVar("Owner", bound=Transacting)


def transactional(
    method: Callable[Concatenate[Owner, Parameters], Result],
) -> Callable[Concatenate[Owner, Parameters], Result]:
    """Makes a method of a domain all or nothing: within the caller's transaction, or one of its own."""

    @wraps(method)
    def whole(self: Owner, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with self.transactions.begin():
            return method(self, *args, **kwargs)

    return whole
