"""What GetModuleLogs asks for, and how a module's log becomes its answer. Pure.

https://github.com/Azure/iotedge/tree/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Core/logs
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ALL = "all"
MOST = 127_000
"""Characters of an answer, or bytes of it compressed; docs speak of cutting, the agent refuses."""
_DEFAULT_LEVEL = 6
_LINE = re.compile(
    r"^(?:<(?P<level>\d)>)?\s*(?P<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d)\s(?P<text>.*)$", re.DOTALL
)
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(\d+)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])\s*,?\s*")


class BadRequest(ValueError):
    """The agent answers it with 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    tail: int | None
    since: datetime | None
    until: datetime | None
    loglevel: int | None
    regex: re.Pattern[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsRequest:
    items: tuple[tuple[re.Pattern[str], Filter], ...]
    compressed: bool
    as_json: bool

    def of(self, modules: Iterable[str]) -> dict[str, Filter]:
        """Each module that an item's id matches anywhere and in any case, with the filter of the first such item."""
        chosen = {}
        for module in sorted(modules):
            found = next((filter for pattern, filter in self.items if pattern.search(module)), None)
            if found is not None:
                chosen[module] = found
        return chosen


def parse_request(payload: Mapping[str, Any], now: datetime) -> LogsRequest:
    items = payload.get("items")
    items = [items] if isinstance(items, Mapping) else items
    if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
        raise BadRequest("items is missing; allowed: {id, filter}, or a list of them")
    return LogsRequest(
        items=tuple((_id(item.get("id")), _filter(item.get("filter"), now)) for item in items),
        compressed=_one_of(payload, "encoding", ("none", "gzip")) == "gzip",
        # the documentation says text, the code falls to json
        as_json=_one_of(payload, "contentType", ("json", "text")) == "json",
    )


def answer(
    request: LogsRequest, texts: Mapping[str, Sequence[tuple[str, str]]], host: str, device: str
) -> list[dict[str, Any]]:
    """`texts` has by module its (stream, line), the oldest first, with the tail and the times of its filter."""
    filters = request.of(texts)
    answers = [_answer(request, module, _chosen(texts[module], filters[module]), host, device) for module in filters]
    size = sum(len(one["payload"] or "") + len(base64.b64decode(one["payloadBytes"] or "")) for one in answers)
    if size > MOST:
        raise BadRequest(f"the answer has {size} characters; at most {MOST} can be sent: ask for a smaller tail")
    return answers


def _answer(request: LogsRequest, module: str, lines: list[tuple[str, str]], host: str, device: str) -> dict[str, Any]:
    if request.as_json:
        entries = [_entry(stream, line) for stream, line in lines]
        text = json.dumps([{"iothub": host, "device": device, "id": module, **entry} for entry in entries])
    else:
        text = "".join(f"{line}\n" for _, line in lines)
    if not request.compressed:
        return {"id": module, "payload": text, "payloadBytes": None}
    packed = gzip.compress(text.encode(), mtime=0)
    return {"id": module, "payload": None, "payloadBytes": base64.b64encode(packed).decode()}


def _chosen(lines: Sequence[tuple[str, str]], wanted: Filter) -> list[tuple[str, str]]:
    """The tail counted before these filters, as the agent has it: fewer lines may be left."""
    return [(stream, line) for stream, line in lines if _passes(stream, line, wanted)]


def _passes(stream: str, line: str, wanted: Filter) -> bool:
    entry = _entry(stream, line)
    if wanted.loglevel is not None and entry["loglevel"] != wanted.loglevel:
        return False
    return wanted.regex is None or wanted.regex.search(entry["text"]) is not None


def _entry(stream: str, line: str) -> dict[str, Any]:
    found = _LINE.match(line)
    if not found:
        return {"stream": stream, "loglevel": _DEFAULT_LEVEL, "text": line, "timestamp": None}
    moment = datetime.fromisoformat(found["stamp"].replace(" ", "T", 1).replace(" ", ""))
    level = int(found["level"]) if found["level"] else _DEFAULT_LEVEL
    return {"stream": stream, "loglevel": level, "text": found["text"], "timestamp": moment.isoformat()}


def _id(value: Any) -> re.Pattern[str]:
    if not isinstance(value, str) or not value:
        raise BadRequest(f"id is {value!r}; a regular expression of a module's name, or {ALL!r}")
    return _pattern("" if value == ALL else value)


def _filter(value: Any, now: datetime) -> Filter:
    given = value if isinstance(value, Mapping) else {}
    regex = given.get("regex")
    return Filter(
        tail=_number(given, "tail"),
        since=_moment(given, "since", now),
        until=_moment(given, "until", now),
        loglevel=_number(given, "loglevel"),
        regex=None if regex is None else _pattern(str(regex)),
    )


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise BadRequest(f"{text!r} is no regular expression: {error}") from error


def _number(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        raise BadRequest(f"{name} is {value!r}; a whole number of 0 or more is allowed")
    return number


def _moment(given: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """A duration before now (`90m`, `1 day 2 hours`), RFC 3339, or Unix seconds."""
    value = given.get(name)
    if value is None:
        return None
    text = str(value).strip().lower()
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        if text and not _DURATION.sub("", text):
            return now - timedelta(seconds=sum(int(n) * _UNITS[unit[0]] for n, unit in _DURATION.findall(text)))
        moment = datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest(
            f"{name} is {value!r}; a duration such as 90m, RFC 3339 or Unix seconds are allowed"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _one_of(payload: Mapping[str, Any], name: str, allowed: tuple[str, str]) -> str:
    """The first one where it is not given."""
    value = str(payload.get(name) or allowed[0]).lower()
    if value not in allowed:
        raise BadRequest(f"{name} is {payload.get(name)!r}; allowed: {', '.join(allowed)}")
    return value
