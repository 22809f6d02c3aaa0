"""The body forms: what they carry, how one is chosen, and that a new one needs a `Body` and its place in BODIES."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from images.scoring import bodies
from images.scoring.bodies import BODIES, bodies_of, by_media_type
from images.scoring.bodies.body import Body
from images.scoring.bodies.json import JSON
from images.scoring.bodies.query import MAX_QUERY_FIELDS, query_fields
from images.scoring.bodies.raw import RAW
from images.scoring.errors import BadRequest
from images.scoring.request import Request
from tests.images.scoring.conftest import Serve


class Row(Struct):
    x: int


TEXT = Body(
    name="text",
    media_types=(b"text/plain",),
    carries=lambda kind: kind is str,
    decoder=lambda kind: lambda request: request.body.decode(),
    encode=str.encode,
    schema=lambda schema: {"type": "string"},
)
SCRIPT = """
import msgspec
class Row(msgspec.Struct):
    x: int
def init(): ...
def run(data: Row | str): return data if isinstance(data, str) else data.x
"""


def asked(body: bytes, media_type: bytes = b"") -> Request:
    return Request(body, headers={b"content-type": media_type})


@pytest.mark.parametrize(
    ("body", "kind", "value"), [(JSON, Row, Row(x=1)), (RAW, bytes, b"\xff\x00"), (TEXT, str, "ü")]
)
def test_what_a_form_encodes_it_decodes_again(body: Body, kind: Any, value: Any) -> None:
    assert body.decoder(kind)(asked(body.encode(value))) == value


@pytest.mark.parametrize(("body", "value"), [(JSON, object()), (RAW, 3), (RAW, "text")])
def test_a_value_that_has_no_such_form_is_a_type_error(body: Body, value: Any) -> None:
    with pytest.raises(TypeError):
        body.encode(value)


def test_a_type_is_split_among_the_forms_that_carry_its_members() -> None:
    assert bodies_of(Row) == {JSON: Row}
    assert bodies_of(Row | list[Row]) == {JSON: Row | list[Row]}
    assert bodies_of(bytes | Row | list[Row]) == {RAW: bytes, JSON: Row | list[Row]}
    assert list(bodies_of(Row | bytes)) == [RAW, JSON]


def test_the_media_type_says_which_form_it_is_and_json_is_all_that_no_other_claims() -> None:
    decode = by_media_type({body: body.decoder(kind) for body, kind in bodies_of(Row | bytes).items()})
    for media_type in (b"application/octet-stream", b"Image/PNG; q=1", b"video/mp4"):
        assert decode(asked(b'{"x":1}', media_type)) == b'{"x":1}'
    for media_type in (b"", b"application/json", b"application/x-www-form-urlencoded", b"text/plain"):
        assert decode(asked(b'{"x":1}', media_type)) == Row(x=1)


async def test_a_new_form_is_a_body_and_its_place_in_the_list(
    serve: Serve, scripted: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODIES", (TEXT, *BODIES))
    async with serve(scripted(SCRIPT)) as served:
        assert (await served.request("/score", b"hi", headers={"Content-Type": "text/plain"})).json == "hi"
        assert (await served.request("/score", b'{"x": 3}')).json == 3
        content = (await served.request("/swagger.json")).json["paths"]["/score"]["post"]["requestBody"]["content"]
        assert content == {
            "text/plain": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        }


def test_a_query_has_no_more_fields_than_the_page_says() -> None:
    assert len(query_fields(b"&".join(b"a%d=1" % number for number in range(MAX_QUERY_FIELDS)))) == MAX_QUERY_FIELDS
    with pytest.raises(BadRequest, match="query cannot be read"):
        query_fields(b"&".join([b"a=1"] * (MAX_QUERY_FIELDS + 1)))
