"""Values of another shape in every place of a body that would be taken: an answer of 4xx, or one that can be read."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from standin.core.arm.kinds import ResourceKind
from tests.standin.asking import Answering, of_arm, path_of
from tests.standin.malformed.odd_requests import VALID

ODD: tuple[Any, ...] = (None, 5, -1.5, True, "x", "", [], {}, [None], ["x"], [{}], [[]], {"x": {}}, 10**400, "\ud800")
Place = tuple[str | int, ...]


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    yield above
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in items:
        yield from places(below, (*above, name))


def with_(body: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    changed = copy.deepcopy(body)
    last = changed
    for name in place[:-1]:
        last = last[name]
    last[place[-1]] = value
    return changed


async def bodies(answering: Answering) -> list[tuple[ResourceKind, Place, Any]]:
    """As an example has it, and as it is answered."""
    found = []
    for kind in answering.standin.kinds:
        answered = json.loads(await answering.text(of_arm("GET", path_of(kind))))
        there = {name: value for name, value in answered.items() if name not in ("id", "name", "type", "etag")}
        for body in (VALID.get(kind.type.rpartition("/")[2]), there):
            found += [(kind, place, with_(body, place, odd)) for place in places(body) for odd in ODD if body]
    return found


@pytest.mark.parametrize("most", [500, pytest.param(10**6, marks=pytest.mark.long)], ids=["some", "all"])
async def test_no_shape_of_a_value_raises(answering: Answering, most: int) -> None:
    asked = await bodies(answering)
    assert len(asked) > 5000
    failed = {}
    for kind, place, body in random.Random(3).sample(asked, min(most, len(asked))):
        for method in ("PUT", "PATCH", "GET"):
            status, text, _ = await answering.answered(
                of_arm(method, path_of(kind)), body=None if method == "GET" else body
            )
            if status >= 500:
                failed[kind.type, method, place] = text
    assert failed == {}
