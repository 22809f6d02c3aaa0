"""A query's rows over twins: which pass, what they show, how they are grouped and paged."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standin.core.numbers import whole_number
from standin.iothub.query.aggregation import aggregated
from standin.iothub.query.evaluation import lookup, matches
from standin.iothub.query.syntax import Aggregate, Column, Path, Select
from standin.iothub.query.values import UNDEFINED

Document = Mapping[str, Any]
PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Any]
    continuation: str | None


def rows(query: Select, documents: Iterable[Document]) -> list[Any]:
    """`documents` is the collection that `query.source` names. For `SELECT *` the rows are the documents themselves."""
    passing = [document for document in documents if query.where is None or matches(query.where, document)]
    if query.group_by or any(isinstance(column.value, Aggregate) for column in query.columns):
        selected: list[Any] = _groups(query, passing)
    elif query.columns:
        selected = [_project(query.columns, document) for document in passing]
    else:
        selected = passing
    return selected if query.top is None else selected[: query.top]


def _project(columns: Sequence[Column], document: Document) -> dict[str, Any]:
    shown = {}
    for column in columns:
        value = lookup(column.value, document) if isinstance(column.value, Path) else UNDEFINED
        if value is not UNDEFINED:
            shown[column.name] = value
    return shown


def _groups(query: Select, documents: Sequence[Document]) -> list[dict[str, Any]]:
    members: dict[tuple[Any, ...], list[Document]] = {}
    for document in documents:
        key = tuple(_group_key(lookup(path, document)) for path in query.group_by)
        members.setdefault(key, []).append(document)
    if not query.group_by:
        members.setdefault((), [])
    return [_aggregate(query.columns, group) for group in members.values()]


def _group_key(value: Any) -> Any:
    # True == 1 in Python; objects and arrays group by their text
    return (type(value).__name__, value if isinstance(value, (str, int, float)) else repr(value))


def _aggregate(columns: Sequence[Column], group: Sequence[Document]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for column in columns:
        if isinstance(column.value, Path):
            shown.update(_project([column], group[0]))
        elif (value := aggregated(column.value, group)) is not UNDEFINED:
            shown[column.name] = value
    return shown


def page(items: Sequence[Any], *, size: int, continuation: str | None) -> Page:
    """Raises ValueError for a continuation that this function did not give out."""
    start = _decode(continuation) if continuation else 0
    end = start + min(size, PAGE_LIMIT)
    return Page(list(items[start:end]), _encode(end) if end < len(items) else None)


def _encode(start: int) -> str:
    return base64.b64encode(f"from:{start}".encode()).decode()


def _decode(continuation: str) -> int:
    try:
        text = base64.b64decode(continuation, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{continuation!r} is not a continuation token of this hub") from error
    prefix, _, start = text.partition(":")
    number = whole_number(start)
    if prefix != "from" or number is None:
        raise ValueError(f"{continuation!r} is not a continuation token of this hub")
    return number
