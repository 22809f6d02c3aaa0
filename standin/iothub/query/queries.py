"""Queries over the twins of a hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import rows
from standin.iothub.query.syntax import Select


class Collections(Protocol):
    """What a query can look at, each in a fixed order, so that pages fit together."""

    def devices(self) -> Sequence[Mapping[str, Any]]: ...

    def modules(self) -> Sequence[Mapping[str, Any]]: ...


class Queries:
    def __init__(self, collections: Collections) -> None:
        self._collections = collections

    def rows(self, query: Select) -> list[Any]:
        """Raises QuerySyntaxError for a grouping that makes no sense."""
        source = self._collections.devices if query.source == "devices" else self._collections.modules
        return rows(query, source())

    def count(self, text: str) -> int:
        """How many rows a configuration's metric has; it was checked when the configuration was put."""
        return len(self.rows(parse_query(text)))
