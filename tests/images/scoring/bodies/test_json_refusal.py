"""What does not fit is told by its place, though msgspec names no member of a mapping."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from images.scoring.bodies.json import JSON
from images.scoring.bodies.json_refusal import refusal
from images.scoring.errors import BadRequest
from images.scoring.request import Request


class Size(msgspec.Struct):
    width: int


def told(kind: Any, body: bytes) -> tuple[str, str]:
    with pytest.raises(BadRequest) as refused:
        JSON.decoder(kind)(Request(body))
    return refused.value.message, str(refused.value.path)


@pytest.mark.parametrize(
    ("kind", "body", "message", "path"),
    [
        (dict[str, int], {"a": 1, "b.png": "x"}, 'b.png is "x": Expected `int`, got `str`', "$.b.png"),
        (dict[str, list[int]], {"a": [1], "b": [1, "x"]}, 'b[1] is "x": Expected `int`, got `str`', "$.b[1]"),
        (dict[str, Size], {"a": {"width": 1}, "b": {}}, "b.width is missing", "$.b.width"),
        (dict[str, Size], {"b": 5, "c": 6}, "b is 5: Expected `object`, got `int`", "$.b"),
        (dict[str, int], [1], "body is [1]: Expected `object`, got `array`", "$"),
    ],
)
def test_a_member_of_a_mapping_is_told_by_its_name(kind: Any, body: Any, message: str, path: str) -> None:
    assert told(kind, json.dumps(body).encode()) == (message, path)


def test_of_a_member_that_comes_twice_the_place_is_told_as_msgspec_does() -> None:
    assert told(dict[str, int], b'{"a": "x", "a": 1}')[1] == "$[...]"


def test_one_of_many_members_is_found_in_little_more_than_the_time_of_the_body() -> None:
    decoded = 0
    body = {f"m{number}": number for number in range(4096)} | {"m4000": "x"}
    decode = msgspec.json.Decoder(dict[str, int]).decode

    def counting(part: bytes) -> Any:
        nonlocal decoded
        decoded += len(part)
        return decode(part)

    sent = json.dumps(body).encode()
    with pytest.raises(msgspec.ValidationError) as error:
        decode(sent)
    assert refusal(error.value, sent, counting).path == "$.m4000"
    assert decoded < len(sent)
