"""A hub's documents of one kind, in memory and in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from standin.core.store import Store

T = TypeVar("T")


class DocumentCache(Generic[T]):
    """Written through: what `get` gives is on disk, or in the transaction that is going on."""

    def __init__(self, store: Store, kind: str, scope: str, shape: type[T]) -> None:
        self._store = store
        self._kind = kind
        self._prefix = f"{scope}/"
        self._shape = shape
        self._cache: dict[str, T] = {}
        self.reload()

    def reload(self) -> None:
        """After a transaction that was rolled back."""
        stored = self._store.list(self._kind, self._prefix)
        self._cache = {key.removeprefix(self._prefix): msgspec.convert(value, self._shape) for key, value in stored}

    def get(self, key: str) -> T | None:
        return self._cache.get(key)

    def put(self, key: str, value: T) -> None:
        self._store.put(self._kind, self._prefix + key, msgspec.to_builtins(value))
        self._cache[key] = value

    def delete(self, key: str) -> None:
        self._store.delete(self._kind, self._prefix + key)
        self._cache.pop(key, None)

    def clear(self) -> None:
        self._store.delete_all(self._kind, self._prefix)
        self._cache.clear()

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._cache.values()))

    def __len__(self) -> int:
        return len(self._cache)


def key_of(device: str, module: str | None) -> str:
    """Neither id can contain a slash."""
    return device if module is None else f"{device}/{module}"
