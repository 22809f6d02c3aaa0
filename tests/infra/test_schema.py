"""Where a value does not fit a JSON schema, in words; the schemas are msgspec's, as models' cards have them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from infra.schema import Misfit, misfit


class Part(Struct, forbid_unknown_fields=True):
    width: Annotated[float, Meta(ge=0, le=5)]
    kind: Literal["a", "b"] = "a"


class Row(Struct):
    speed: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0)]
    parts: list[Part] = []
    site: str | None = None


SCHEMA = msgspec.json.schema(Row | list[Row])


@pytest.mark.parametrize("value", [{"speed": 1}, {"speed": 1.5, "extra": 0}, [], [{"speed": 1, "site": None}]])
def test_what_fits_is_no_misfit(value: Any) -> None:
    assert misfit(SCHEMA, value) is None


@pytest.mark.parametrize(
    ("value", "path", "sent", "allowed"),
    [
        ({}, "$", "an object of nothing", "an object with 'speed'"),
        ({"pace": 1}, "$", "an object of 'pace'", "an object with 'speed'"),
        ({"speed": "fast"}, "$.speed", '"fast"', "a whole number or a number"),
        ({"speed": True}, "$.speed", "true", "a whole number or a number"),
        ({"speed": 1, "site": 7}, "$.site", "7", "a text or null"),
        ([{"speed": 1}, {"pace": 2}], "$[1]", "an object of 'pace'", "an object with 'speed'"),
        ({"speed": 1, "parts": [{"width": 9}]}, "$.parts[0].width", "9", "a number, at most 5"),
        ({"speed": 1, "parts": [{"width": 1, "kind": "c"}]}, "$.parts[0].kind", '"c"', '"a", "b"'),
        ("text", "$", '"text"', "a list or Row"),
        ({"speed": "x" * 200}, "$.speed", '"' + "x" * 79 + "...", "a whole number or a number"),
    ],
)
def test_a_misfit_has_the_innermost_path_what_is_there_and_what_is_allowed(
    value: Any, path: str, sent: str, allowed: str
) -> None:
    assert misfit(SCHEMA, value) == Misfit(path, sent, allowed)


def test_a_schema_that_is_none_refuses_nothing() -> None:
    assert misfit({"type": "nothing that there is"}, 1) is None
    assert misfit({}, {"anything": 1}) is None
