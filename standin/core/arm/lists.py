"""What a list is asked for: a `$filter`, and pages (`$top` is how many a page has, its nextLink asks for the rest).

https://learn.microsoft.com/rest/api/resources/resources/list#uri-parameters
A filter is comparisons of names with texts, joined by `and`, or by `or`. What is written otherwise is refused: a list
that is not filtered looks like one that is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from standin.core.arm.errors import InvalidFilter, InvalidQueryParameter
from standin.core.http import Request, Response, json_response
from standin.core.numbers import whole_number

Row = Mapping[str, str]
Test = Callable[[Row], bool]

_TEXT = r"'(?P<text>(?:[^']|'')*)'"
_COMPARED = re.compile(rf"(?P<name>\w+)\s+(?P<how>eq|ne)\s+{_TEXT}", re.I)
_CONTAINED = re.compile(rf"substringof\(\s*{_TEXT}\s*,\s*(?P<name>\w+)\s*\)", re.I)
_JOIN = re.compile(r"\s+(and|or)\s+", re.I)

_TOKENS = ("$skiptoken", "$skipToken", "$skip")


def page_of(request: Request, items: Sequence[Any], *, size: str = "$top", token: str = "$skiptoken") -> Response:
    """`size` and `token` as this list's service spells them: a route that does not name them has refused them."""
    start = _number(request, token, 0, 0)
    most = _number(request, size, len(items), 1)
    shown = items[start : start + most]
    body: dict[str, Any] = {"value": shown}
    if start + len(shown) < len(items):
        kept = [(name, value) for name, value in parse_qsl(request.raw_query) if name not in _TOKENS]
        query = urlencode([*kept, (token, str(start + len(shown)))], safe="$,", quote_via=quote)
        body["nextLink"] = f"https://{request.host}{quote(request.path)}?{query}"
    return json_response(body)


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    number = whole_number(text)
    if number is None or number < least:
        raise InvalidQueryParameter(name, text, f"a whole number of {least} or more")
    return number


def flag(query: Mapping[str, str], name: str) -> bool:
    """`name=true`; false where it is left out, and another word is refused."""
    text = query.get(name, "false").lower()
    if text not in ("true", "false"):
        raise InvalidQueryParameter(name, text, "true, false")
    return text == "true"


def filtered(items: Iterable[dict[str, Any]], text: str | None, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """`names`: as a filter spells them, with the key of the answer (`tagName`, `tagValue`: of one tag at a time)."""
    if text is None:
        return list(items)
    test = parse(text, names)
    return [item for item in items if any(test(row) for row in _rows(item, names))]


def parse(text: str, names: Mapping[str, str]) -> Test:
    """InvalidFilter for what is not understood, to its last character."""
    allowed = f"{', '.join(names)} with eq, ne or substringof, joined by and, or by or"
    known = {name.lower() for name in names}
    tests, joins, place = [], set[str](), 0
    while True:
        matched = _COMPARED.match(text, place) or _CONTAINED.match(text, place)
        if matched is None or matched["name"].lower() not in known:
            raise InvalidFilter(text, allowed)
        tests.append(_test(matched.groupdict()))
        place = matched.end()
        join = _JOIN.match(text, place)
        if join is None:
            break
        joins.add(join[1].lower())
        place = join.end()
    if text[place:].strip() or len(joins) > 1:
        raise InvalidFilter(text, allowed)
    whole = any if joins == {"or"} else all
    return lambda row: whole(test(row) for test in tests)


def _test(found: Mapping[str, str | None]) -> Test:
    name, wanted = (found["name"] or "").lower(), (found["text"] or "").replace("''", "'").lower()
    how = (found.get("how") or "in").lower()
    if how == "in":
        return lambda row: wanted in row.get(name, "")
    return lambda row: (row.get(name, "") == wanted) is (how == "eq")


def _rows(item: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[Row]:
    """Texts in lower case, as Azure compares them; one row for each tag, one without where there is none."""
    row = {name.lower(): str(item.get(key) or "").lower() for name, key in names.items()}
    tags = item.get("tags") or {}
    for tag, value in tags.items():
        yield {**row, "tagname": str(tag).lower(), "tagvalue": str(value).lower()}
    if not tags:
        yield row
