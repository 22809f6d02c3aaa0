from __future__ import annotations

from typing import Any

import pytest

from tools.recordings.answers import compare
from tools.recordings.cassette import Answer
from tools.recordings.shapes import Difference, differences

IDENTITY = "/subscriptions/s/{groups}/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"


@pytest.mark.parametrize(
    ("recorded", "ours", "found"),
    [
        ({"a": 1}, {}, Difference("missing", "a", "a number", "")),
        ({"a": None}, {}, Difference("null", "a", "null", "")),
        ({}, {"a": {"b": 1}}, Difference("extra", "a", "", "an object")),
        ({"a": "1"}, {"a": 1}, Difference("type", "a", "a text", "a number")),
        ({"a": {}}, {"a": None}, Difference("type", "a", "an object", "null")),
        ({"a": [{"b": 1}]}, {"a": []}, Difference("missing", "a[]", "an object", "an empty list")),
        ({"state": "Succeeded"}, {"state": "succeeded"}, Difference("value", "state", "Succeeded", "succeeded")),
        ({"on": True}, {"on": False}, Difference("value", "on", "true", "false")),
        (
            {"at": "2026-01-02T03:04:05.1234567+00:00"},
            {"at": "2026-01-02T03:04:05.123456Z"},
            Difference(
                "form",
                "at",
                "a date in less than a millisecond with an offset",
                "a date in less than a millisecond with Z",
            ),
        ),
        (
            {"id": IDENTITY.format(groups="resourcegroups", name="a")},
            {"id": IDENTITY.format(groups="resourceGroups", name="b")},
            Difference(
                "form",
                "id",
                IDENTITY.format(groups="resourcegroups", name="*").replace("/s/", "/*/").replace("/g/", "/*/"),
                IDENTITY.format(groups="resourceGroups", name="*").replace("/s/", "/*/").replace("/g/", "/*/"),
            ),
        ),
    ],
)
def test_what_differs_in_shape_is_named_with_its_place_and_both_sides(
    recorded: Any, ours: Any, found: Difference
) -> None:
    assert list(differences(recorded, ours)) == [found]


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ({"name": "one"}, {"name": "two"}),
        ({"a": "0a-b", "at": "2026-01-02T03:04:05.1Z"}, {"a": "other 7", "at": "2025-01-02T03:04:05.12Z"}),
        ({"tags": {"a": "b"}}, {"tags": {"c": "d"}}),
        ({"of": {IDENTITY.format(groups="x", name="a"): {}}}, {"of": {IDENTITY.format(groups="x", name="b"): {}}}),
        ({"at": "2001-02-03T04:05:06Z"}, {"at": "2025-01-02T03:04:05.123456Z"}),
        ({"createdByType": "User"}, {"createdByType": "Application"}),
    ],
)
def test_what_either_side_makes_up_is_no_difference(recorded: Any, ours: Any) -> None:
    assert list(differences(recorded, ours)) == []


def _answer(status: int, text: str = "", **headers: str) -> Answer:
    return Answer(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, text=text)


def test_status_and_headers_that_a_client_acts_on_are_compared() -> None:
    recorded = _answer(
        201, '{"a": 1}', content_type="application/json; charset=utf-8", azure_asyncoperation="x", date="y"
    )
    ours = _answer(202, '{"a": 1}', content_type="application/json", location="x")
    assert compare(recorded, ours) == [
        Difference("status", "", "201", "202"),
        Difference("header", "azure-asyncoperation", "there", ""),
        Difference("header", "location", "", "there"),
    ]


def test_of_two_refusals_the_codes_are_compared_and_of_one_nothing_but_that() -> None:
    refused = _answer(404, '{"error": {"code": "ResourceNotFound", "message": "A"}}')
    other = _answer(404, '{"error": {"code": "NotFound", "message": "B"}}')
    assert compare(refused, other) == [Difference("value", "error.code", "ResourceNotFound", "NotFound")]
    assert compare(_answer(200, '{"a": 1}'), other) == [Difference("status", "", "200", "404 NotFound")]


def test_how_long_azure_stays_in_a_state_is_no_difference() -> None:
    assert compare(_answer(200, '{"state": "Creating"}'), _answer(200, '{"state": "Succeeded"}')) == []


def test_the_members_of_a_list_are_told_as_the_thing_itself() -> None:
    (found,) = compare(_answer(200, '{"value": [{"a": 1}]}'), _answer(200, '{"value": [{}]}'))
    assert found.path == "a"
