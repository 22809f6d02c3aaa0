"""Which columns a collection has: documented names in any case, and below tags and properties whatever a twin holds.

https://learn.microsoft.com/azure/iot-hub/query-twins
https://learn.microsoft.com/azure/iot-hub/query-jobs
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from standin.iothub.query.syntax import (
    Affix,
    Aggregate,
    Binary,
    Column,
    Constant,
    Expression,
    IsDefined,
    Logical,
    Membership,
    Negative,
    Not,
    Path,
    Select,
)
from standin.iothub.query.tokens import QuerySyntaxError

_ANY = None
"""Below it stands what users write, in their case."""
_TWIN: Mapping[str, Sequence[str] | None] = {
    **dict.fromkeys(("deviceId", "etag", "deviceEtag", "status", "statusReason", "statusUpdateTime"), ()),
    **dict.fromkeys(("connectionState", "lastActivityTime", "cloudToDeviceMessageCount"), ()),
    **dict.fromkeys(("authenticationType", "modelId", "version"), ()),
    "x509Thumbprint": ("primaryThumbprint", "secondaryThumbprint"),
    "tags": _ANY,
    "properties": ("desired", "reported"),
    "configurations": _ANY,
}
_COLUMNS: Mapping[str, Mapping[str, Sequence[str] | None]] = {
    "devices": {**_TWIN, "capabilities": ("iotEdge",), "deviceScope": (), "parentScopes": ()},
    "devices.modules": {**_TWIN, "moduleId": ()},
    "devices.jobs": {
        **dict.fromkeys(("deviceId", "jobId", "jobType", "status", "startTimeUtc", "endTimeUtc"), ()),
        **dict.fromkeys(("createdDateTimeUtc", "createdTimeUtc", "lastUpdatedDateTimeUtc"), ()),
        "outcome": _ANY,
    },
}
_JOBS = "devices.jobs"


def resolved(query: Select) -> Select:
    """With each column as the collection writes it; raises QuerySyntaxError for one that it has not."""

    def resolve(path: Path) -> Path:
        return _resolve(path, query.source)

    if query.source != "devices":
        _check_collection(query)
    return replace(
        query,
        columns=_columns(query.columns, resolve),
        where=query.where and _in(query.where, resolve),
        group_by=tuple(map(resolve, query.group_by)),
    )


def _check_collection(query: Select) -> None:
    if query.group_by:
        raise QuerySyntaxError(f"GROUP BY is for devices, not for {query.source}", query.group_by[0].position)
    if query.source == _JOBS and query.columns:
        raise QuerySyntaxError(f"Of {_JOBS} only SELECT * is supported", 0)


def _columns(columns: Sequence[Column], resolve: Callable[[Path], Path]) -> tuple[Column, ...]:
    made = []
    for column in columns:
        value = column.value
        if isinstance(value, Aggregate):
            made.append(replace(column, value=replace(value, path=value.path and resolve(value.path))))
        else:
            path = resolve(value)
            made.append(Column(path, path.names[-1] if column.name == value.names[-1] else column.name))
    names = [column.name for column in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise QuerySyntaxError(f"Two columns are called {twice!r}; name them by AS", 0)
    return tuple(made)


def _resolve(path: Path, source: str) -> Path:
    names = path.names
    if source == _JOBS and [name.lower() for name in names[:2]] == _JOBS.split("."):
        names = names[2:]
    columns = _COLUMNS[source]
    first = _spelt(names[0], columns) if names else None
    if first is None:
        allowed = ", ".join(columns)
        raise QuerySyntaxError(f"Unknown column {path.text!r} of {source}, there are {allowed}", path.position)
    below = columns[first]
    if below is _ANY or len(names) == 1:
        return Path((first, *names[1:]), path.position)
    second = _spelt(names[1], below)
    if second is None or (first != "properties" and len(names) > 2):
        raise QuerySyntaxError(f"{first} has no {'.'.join(names[1:])!r}", path.position)
    return Path((first, second, *names[2:]), path.position)


def _spelt(name: str, known: Mapping[str, object] | Sequence[str]) -> str | None:
    return next((one for one in known if one.lower() == name.lower()), None)


def _in(expression: Expression, resolve: Callable[[Path], Path]) -> Expression:
    match expression:
        case Constant():
            return expression
        case Path():
            return resolve(expression)
        case IsDefined(path) | Affix(_, path):
            return replace(expression, path=resolve(path))
        case Not(operand) | Negative(operand) | Membership(operand, _, _):
            return replace(expression, operand=_in(operand, resolve))
        case Logical(_, operands):
            return replace(expression, operands=tuple(_in(operand, resolve) for operand in operands))
        case Binary(_, left, right):
            return replace(expression, left=_in(left, resolve), right=_in(right, resolve))
