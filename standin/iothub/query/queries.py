"""Queries over the twins of a hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import rows
from standin.iothub.query.syntax import Select
from standin.iothub.query.tokens import QuerySyntaxError


class Collections(Protocol):
    """What a query can look at, each in a fixed order, so that pages fit together."""

    def devices(self) -> Sequence[Mapping[str, Any]]: ...

    def modules(self) -> Sequence[Mapping[str, Any]]: ...


class Queries:
    def __init__(self, collections: Collections) -> None:
        self._collections = collections

    def rows(self, query: Select) -> list[Any]:
        documents = {
            "devices": self._collections.devices,
            "devices.modules": self._collections.modules,
            "devices.jobs": tuple,  # this hub schedules none
        }
        return rows(query, documents[query.source]())

    def count(self, text: str) -> int:
        """How many rows a configuration's metric has. It was checked when the configuration was put; of one that an
        older stand-in took, none."""
        try:
            return len(self.rows(parse_query(text)))
        except QuerySyntaxError:
            return 0
