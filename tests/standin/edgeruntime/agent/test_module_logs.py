"""What GetModuleLogs takes and gives, beside the rules of Azure/iotedge's agent."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from standin.edgeruntime.agent.module_logs import MOST, BadRequest, answer, parse_request

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LINES = [
    ("stdout", "<4> 2026-11-28 11:59:58.250 +00:00 [WRN] - low on memory"),
    ("stderr", "Traceback (most recent call last):"),
    ("stdout", "<6> 2026-11-28 11:59:59.000 +00:00 [INF] - scored"),
]
TEXTS = {"scorer": LINES, "scorer-two": LINES[:1], "edgeHub": LINES[2:]}


def asked(*items: Any, **more: Any) -> list[dict[str, Any]]:
    return answer(parse_request({"items": list(items), "contentType": "text", **more}, NOW), TEXTS, "h", "edge-01")


@pytest.mark.parametrize(
    ("id", "modules"),
    [
        ("scorer", ["scorer", "scorer-two"]),
        ("^SCORER$", ["scorer"]),
        ("edge", ["edgeHub"]),
        ("all", ["edgeHub", "scorer", "scorer-two"]),
        ("nobody", []),
    ],
)
def test_an_id_is_an_expression_that_matches_anywhere_in_any_case(id: str, modules: list[str]) -> None:
    assert [one["id"] for one in asked({"id": id})] == modules


def test_the_first_item_that_matches_a_module_gives_its_filter() -> None:
    filters = parse_request(
        {"items": [{"id": "two", "filter": {"tail": 1}}, {"id": "all", "filter": {"tail": 2}}]}, NOW
    ).of(TEXTS)
    assert {name: wanted.tail for name, wanted in filters.items()} == {"edgeHub": 2, "scorer": 2, "scorer-two": 1}


def test_one_item_may_stand_alone() -> None:
    assert parse_request({"items": {"id": "scorer"}}, NOW).of(["scorer"]).keys() == {"scorer"}


def test_text_comes_as_it_was_written_and_json_in_its_parts() -> None:
    (text,) = asked({"id": "^scorer$"})
    assert text == {"id": "scorer", "payloadBytes": None, "payload": "".join(f"{line}\n" for _, line in LINES)}
    (parts,) = asked({"id": "^scorer$"}, contentType="json")
    first, second, _ = json.loads(parts["payload"])
    assert first == {
        "iothub": "h",
        "device": "edge-01",
        "id": "scorer",
        "stream": "stdout",
        "loglevel": 4,
        "text": "[WRN] - low on memory",
        "timestamp": "2026-11-28T11:59:58.250000+00:00",
    }
    assert (second["stream"], second["loglevel"], second["timestamp"]) == ("stderr", 6, None)


def test_gzip_comes_as_bytes() -> None:
    (packed,) = asked({"id": "edgeHub"}, encoding="gzip")
    assert packed["payload"] is None
    assert gzip.decompress(base64.b64decode(packed["payloadBytes"])).decode() == f"{LINES[2][1]}\n"


@pytest.mark.parametrize(
    ("filter", "kept"), [({"loglevel": 4}, LINES[:1]), ({"loglevel": 6}, LINES[1:]), ({"regex": "^trace"}, LINES[1:2])]
)
def test_a_level_is_that_level_alone_and_an_expression_is_searched_in_the_text(
    filter: dict[str, Any], kept: list[tuple[str, str]]
) -> None:
    (only,) = asked({"id": "^scorer$", "filter": filter})
    assert only["payload"].splitlines() == [line for _, line in kept]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("1d", NOW - timedelta(days=1)),
        ("1 day 2 hours", NOW - timedelta(hours=26)),
        ("1795867200", datetime.fromtimestamp(1795867200, UTC)),
        (1795867200, datetime.fromtimestamp(1795867200, UTC)),
        ("2026-11-28T11:00:00Z", NOW - timedelta(hours=1)),
    ],
)
def test_times_are_durations_or_moments(text: object, moment: datetime) -> None:
    request = parse_request({"items": [{"id": "all", "filter": {"since": text}}]}, NOW)
    assert request.of(["scorer"])["scorer"].since == moment


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({}, "items is missing"),
        ({"items": []}, "items is missing"),
        ({"items": ["scorer"]}, "items is missing"),
        ({"items": [{}]}, "id is None"),
        ({"items": [{"id": "("}]}, "'(' is no regular expression"),
        ({"items": [{"id": "a", "filter": {"tail": "few"}}]}, "tail is 'few'"),
        ({"items": [{"id": "a", "filter": {"since": "soon"}}]}, "since is 'soon'"),
        ({"items": [{"id": "a"}], "encoding": "zip"}, "encoding is 'zip'; allowed: none, gzip"),
        ({"items": [{"id": "a"}], "contentType": "xml"}, "contentType is 'xml'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(payload: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_request(payload, NOW)
    assert words in str(refused.value)


def test_an_answer_that_is_too_long_is_refused_not_cut() -> None:
    request = parse_request({"items": [{"id": "all"}], "contentType": "text"}, NOW)
    with pytest.raises(BadRequest, match="at most 127000"):
        answer(request, {"scorer": [("stdout", "x" * MOST)]}, "h", "edge-01")
