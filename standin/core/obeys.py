"""What a request may ask for beside its path. What a route does not name here is refused, never ignored.

A client that asks for something and gets an answer takes it for granted that it was obeyed. Azure ignores some of what
it does not know; the stand-in does not, because nobody could tell what it has not built from what it has done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import parse_qsl

from standin.core.errors import BadRequest, ServiceError

Fields = Mapping[str, "Fields | None"]
"""Names of a JSON body, with what may lie below each; None: its handler reads all that lies there. "*" is any name."""

Part = Literal["query", "header", "field"]

# Headers that ask for something begin so. All others (tracing, clients' names, what HTTP itself needs) ask for nothing.
_ASKING = ("if-", "x-ms-", "iothub-", "x-http-method", "x-method-override")
_ASKING_WHOLE = frozenset({"range", "prefer", "content-encoding", "content-md5", "consistencylevel"})
_TELLING = frozenset(
    {
        "x-ms-client-request-id",
        "x-ms-return-client-request-id",
        "x-ms-correlation-request-id",
        "x-ms-request-id",
        "x-ms-client-session-id",
        "x-ms-client-name",
        "x-ms-client-version",
        "x-ms-command-name",
        "x-ms-date",
        "x-ms-useragent",
        "x-ms-user-agent",
        "x-ms-unique-id",
        "x-ms-effective-locale",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeys:
    query: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()
    """In lower case; "x-ms-meta-*" is every header that begins so."""
    fields: Fields | None = None
    """Of a JSON body. None: a body that says anything is refused."""
    body: bool = False
    """Whether the handler reads the body itself (bytes, XML, forms): its fields are then its own."""
    everything: bool = False
    """Whether the handler sees to all of it: the resource manager by types, OAuth because its standard says ignore."""


NOTHING = Obeys()
EVERYTHING = Obeys(everything=True, body=True)


def obeys(*, query: str = "", headers: str = "", fields: str | Fields | None = None, body: bool = False) -> Obeys:
    """Names parted by spaces; a dot goes below: `fields="value attributes.enabled attributes.exp tags"`."""
    known = fields_of(fields.split()) if isinstance(fields, str) else fields
    return Obeys(query=frozenset(query.split()), headers=frozenset(headers.split()), fields=known, body=body)


def fields_of(paths: list[str]) -> Fields:
    below: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        below.setdefault(head, []).extend([rest] if rest else [])
    return {head: fields_of(rests) if rests else None for head, rests in below.items()}


class Asking(Protocol):
    """A request, as far as it can ask for something."""

    @property
    def raw_query(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Unobeyed:
    part: Part
    name: str
    value: str

    def refusal(self, codes: Mapping[Part, str]) -> ServiceError:
        what = {"query": "query parameter", "header": "HTTP header", "field": "property of the body"}[self.part]
        said = "" if self.part == "field" else f" with the value '{self.value}'"
        return BadRequest(f"The {what} '{self.name}'{said} is not supported by this operation.", code=codes[self.part])


def unobeyed(route: Obeys, request: Asking) -> Unobeyed | None:
    """The first thing that the request asks for and the route does not obey."""
    if route.everything:
        return None
    return next(_unobeyed(route, request), None)


def _unobeyed(route: Obeys, request: Asking) -> Iterator[Unobeyed]:
    yield from _of_query(route, request.raw_query)
    yield from _of_headers(route, request.headers)
    if not route.body and (name := _of_body(route.fields, request.body)) is not None:
        yield Unobeyed("field", name, "")


def _of_query(route: Obeys, raw_query: str) -> Iterator[Unobeyed]:
    """A name that is there twice asks for two things."""
    seen: set[str] = set()
    for name, value in parse_qsl(raw_query, keep_blank_values=True):
        if name in seen or name not in route.query:
            yield Unobeyed("query", name, value)
        seen.add(name)


def _of_headers(route: Obeys, headers: Mapping[str, str]) -> Iterator[Unobeyed]:
    families = tuple(name[:-1] for name in route.headers if name.endswith("*"))
    for name, value in headers.items():
        asks = name in _ASKING_WHOLE or (name.startswith(_ASKING) and name not in _TELLING)
        if asks and name not in route.headers and not (families and name.startswith(families)):
            yield Unobeyed("header", name, value)


def _of_body(fields: Fields | None, body: bytes) -> str | None:
    if not body.strip():
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        # a handler that reads JSON refuses it in its own words
        return "body" if fields is None else None
    if fields is None:
        return next(iter(value), None) if isinstance(value, dict) else (None if value is None else "body")
    return next(unknown_fields(value, fields), None)


def unknown_fields(value: object, fields: Fields, above: str = "") -> Iterator[str]:
    """Paths of what `fields` does not name."""
    if isinstance(value, list):
        for item in value:
            yield from unknown_fields(item, fields, above)
    elif isinstance(value, dict):
        for name, item in value.items():
            if item is None:  # says as little as a name that is left out
                continue
            known = name if name in fields else "*"
            if known not in fields:
                yield above + name
            elif (below := fields[known]) is not None:
                yield from unknown_fields(item, below, f"{above}{name}.")
