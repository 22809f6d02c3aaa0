"""Rows, groups and pages."""

from __future__ import annotations

from typing import Any

import pytest

from standin.iothub.query.parser import parse_query
from standin.iothub.query.selection import page, rows
from standin.iothub.query.tokens import QuerySyntaxError

DOCUMENTS: list[dict[str, Any]] = [
    {"deviceId": "a", "tags": {"site": "x", "n": 1, "k": 2}},
    {"deviceId": "b", "tags": {"site": "y", "k": 6}},
    {"deviceId": "c", "tags": {"site": "x", "n": True, "k": 4}},
]
AMOUNTS = {"a": 4.0, "s": 12, "$3": 2, "$4": 6}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * FROM devices", DOCUMENTS),
        ("SELECT TOP 1 * FROM devices", DOCUMENTS[:1]),
        ("SELECT deviceId FROM devices WHERE tags.site = 'x'", [{"deviceId": "a"}, {"deviceId": "c"}]),
        ("SELECT deviceId, tags.n AS n FROM devices WHERE deviceId = 'b'", [{"deviceId": "b"}]),
        ("SELECT count() AS total FROM devices", [{"total": 3}]),
        ("SELECT COUNT() FROM devices WHERE tags.site = 'z'", [{"$1": 0}]),
        ("SELECT AVG(tags.k) AS a, SUM(tags.k) AS s, MIN(tags.k), MAX(tags.k) FROM devices", [AMOUNTS]),
        ("SELECT min(tags.site) AS first, max(tags.site) AS last FROM devices", [{"first": "x", "last": "y"}]),
        ("SELECT sum(tags.site) AS s, avg(tags.none) AS a, max(tags.n) AS mixed FROM devices", [{}]),
        (
            "SELECT tags.site AS site, AVG(tags.k) AS mean FROM devices GROUP BY tags.site",
            [{"site": "x", "mean": 3.0}, {"site": "y", "mean": 6.0}],
        ),
        ("SELECT DEVICEID FROM devices WHERE STARTSWITH(deviceId, 'b')", [{"deviceId": "b"}]),
        (
            "SELECT tags.site, count() AS n FROM devices GROUP BY tags.site",
            [{"site": "x", "n": 2}, {"site": "y", "n": 1}],
        ),
        (
            "SELECT tags.n, count() AS k FROM devices GROUP BY tags.n",
            [{"n": 1, "k": 1}, {"k": 1}, {"n": True, "k": 1}],
        ),
    ],
)
def test_queries_give_their_rows(query: str, found: list[Any]) -> None:
    assert rows(parse_query(query), DOCUMENTS) == found


@pytest.mark.parametrize("query", ["SELECT deviceId, count() FROM devices", "SELECT * FROM devices GROUP BY deviceId"])
def test_a_column_outside_the_groups_is_refused(query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        parse_query(query)


def test_pages_cover_everything_once() -> None:
    items = list(range(7))
    seen: list[int] = []
    continuation = None
    while True:
        part = page(items, size=3, continuation=continuation)
        seen += part.items
        continuation = part.continuation
        if continuation is None:
            break
    assert seen == items


def test_a_page_has_at_most_100_items() -> None:
    assert len(page(list(range(300)), size=1000, continuation=None).items) == 100


@pytest.mark.parametrize("token", ["nonsense", "bm9uc2Vuc2U=", "ZnJvbTo"])
def test_a_foreign_continuation_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="not a continuation token"):
        page([1], size=1, continuation=token)
