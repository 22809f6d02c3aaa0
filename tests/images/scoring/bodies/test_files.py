"""Files as values: the parts of a form, a body of its own, and base64 in JSON give a typed `run` the same struct.

Forms are written by `requests`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import requests
from msgspec import Meta, Struct

from contracts.card import Body, Golden
from images.edge_hub.messages import Inbound
from images.scoring.bodies import bodies_of, by_media_type
from images.scoring.bodies.json import JSON
from images.scoring.bodies.multipart import MULTIPART
from images.scoring.bodies.raw import RAW
from images.scoring.errors import BadRequest
from images.scoring.request import Request
from tests.images.scoring.conftest import Serve
from tests.images.scoring.edge.fake_client import FakeClient
from tests.waiting import eventually

PNG = b"\x89PNG\r\n\x1a\n--boundary\r\n"


class Picture(Struct):
    content: Annotated[bytes, Meta(min_length=1)]
    name: str = ""
    filename: str = ""
    content_type: str = ""


class Blob(Struct):
    content: bytes


def decoded(kind: Any, request: Request) -> Any:
    return by_media_type({body: body.decoder(part) for body, part in bodies_of(kind).items()})(request)


def form(*files: tuple[str, tuple[str | None, bytes | str, str]]) -> Request:
    prepared = requests.Request("POST", "http://localhost/score", files=list(files)).prepare()
    assert isinstance(prepared.body, bytes)
    return Request(prepared.body, headers={b"content-type": prepared.headers["Content-Type"].encode()})


def test_a_struct_with_content_as_bytes_comes_in_every_form() -> None:
    assert list(bodies_of(Picture)) == [RAW, MULTIPART, JSON]
    assert bodies_of(list[Picture]) == {MULTIPART: list[Picture], JSON: list[Picture]}
    assert bodies_of(Picture | list[Picture]) == {
        RAW: Picture,
        MULTIPART: Picture | list[Picture],
        JSON: Picture | list[Picture],
    }
    assert bodies_of(dict[str, bytes]) == {JSON: dict[str, bytes]}
    assert bodies_of(dict[str, bytes] | list[Picture] | Picture) == {
        RAW: Picture,
        MULTIPART: list[Picture] | Picture,
        JSON: dict[str, bytes],
    }


def test_a_struct_that_needs_another_field_is_no_file() -> None:
    class Labelled(Struct):
        content: bytes
        label: str

    class Named(Struct):
        content: bytes
        name: str

    class Text(Struct):
        content: str

    for kind in (Labelled, Named, Text):
        assert list(bodies_of(kind)) == [JSON]


def test_one_part_is_one_picture_with_its_name_and_content_type() -> None:
    request = form(("image", ("cat.png", PNG, "image/PNG")))
    expected = Picture(content=PNG, name="image", filename="cat.png", content_type="image/png")
    assert decoded(Picture, request) == expected
    assert decoded(Picture | list[Picture], request) == expected
    assert decoded(list[Picture], request) == [expected]
    assert decoded(Blob, request) == Blob(content=PNG)


class Looked(Struct):
    content: bytes
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    masks: bool = False


def test_a_part_called_as_an_option_sets_it_for_every_file_of_the_form() -> None:
    one = ("a", ("a.png", PNG, "image/png"))
    request = form(one, ("threshold", (None, b".5", "")), ("masks", (None, b"true", "")))
    assert decoded(Looked | list[Looked], request) == Looked(PNG, threshold=0.5, masks=True)
    assert decoded(Looked | list[Looked], form(one, one, ("masks", (None, b"1", "")))) == [Looked(PNG, masks=True)] * 2
    assert decoded(Looked, form(("masks", ("masks.png", PNG, "image/png")))) == Looked(PNG)
    assert decoded(Looked, Request(PNG, headers={b"content-type": b"image/png"})) == Looked(PNG)
    text = json.dumps({"content": base64.b64encode(PNG).decode(), "threshold": 0.25})
    assert decoded(Looked | list[Looked], Request(text.encode())) == Looked(PNG, threshold=0.25)


@pytest.mark.parametrize(
    ("options", "reason", "path"),
    [
        ([("threshold", b"2")], "threshold is 2: Expected `float` <= 1.0", "$.threshold"),
        ([("threshold", b"much")], "Expected `float | null`, got `str`", "$.threshold"),
        ([("threshold", b"nan")], "Expected `float` >= 0.0", "$.threshold"),
        ([("masks", b"\xff")], "Expected `bool`", "$.masks"),
        ([("masks", b"1"), ("masks", b"0")], "comes twice, allowed is once", "$.masks"),
        ([("treshold", b".5")], "treshold is text and no option, options are masks, threshold", "$.treshold"),
    ],
)
def test_a_wrong_option_is_refused_with_its_name(options: list[tuple[str, bytes]], reason: str, path: str) -> None:
    parts = [(name, (None, text, "")) for name, text in options]
    with pytest.raises(BadRequest, match=re.escape(reason)) as refused:
        decoded(Looked | list[Looked], form(("a", ("a.png", PNG, "image/png")), *parts))
    assert refused.value.path == path


def test_a_wrong_option_of_several_files_is_told_as_the_field_that_it_is() -> None:
    one = ("a", ("a.png", PNG, "image/png"))
    with pytest.raises(BadRequest, match="threshold is 2: ") as refused:
        decoded(Looked | list[Looked], form(one, one, ("threshold", (None, b"2", ""))))
    assert refused.value.path == "$.threshold"


@pytest.mark.parametrize(
    "sent", [(None, PNG, ""), (None, "text", "image/svg+xml"), ("a.txt", "text", ""), (None, PNG, "text/plain")]
)
def test_what_is_called_as_no_option_is_a_file_by_its_name_its_type_or_its_bytes(sent: Any) -> None:
    assert isinstance(decoded(Looked, form(("image", sent))), Looked)


@pytest.mark.parametrize(
    ("body", "content_type", "what", "sent"),
    [
        (PNG, b"application/x-www-form-urlencoded", "not JSON: ", "application/x-www-form-urlencoded"),
        (b"", b"", "empty, must be JSON", "missing"),
    ],
)
def test_a_file_of_a_wrong_content_type_is_refused_with_those_there_are(
    body: bytes, content_type: bytes, what: str, sent: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        decoded(Looked, Request(body, headers={b"content-type": content_type}))
    assert refused.value.message.startswith(f"body is {what}")
    assert refused.value.message.endswith(
        f"; content-type is {sent}, taken are application/octet-stream, image/*, audio/*, video/*, "
        "multipart/form-data, application/json"
    )
    with pytest.raises(BadRequest) as refused:
        decoded(Looked, Request(body, headers={b"content-type": b"application/json"}))
    assert "content-type" not in refused.value.message


def test_a_form_of_options_alone_is_refused() -> None:
    with pytest.raises(BadRequest, match="the form has no file"):
        decoded(Looked | list[Looked], form(("masks", (None, b"1", ""))))


def test_several_parts_are_a_list_in_their_order() -> None:
    request = form(*((name, (f"{name}.png", PNG, "image/png")) for name in "bca"))
    pictures = decoded(Picture | list[Picture], request)
    assert [picture.name for picture in pictures] == ["b", "c", "a"]
    assert {picture.content for picture in pictures} == {PNG}
    with pytest.raises(BadRequest, match="the form has 3 parts, allowed is 1"):
        decoded(Picture, request)


def test_a_field_without_a_file_name_is_a_part_as_well() -> None:
    (field,) = decoded(list[Picture], form(("image", (None, "text", "text/plain"))))
    assert (field.content, field.filename, field.name) == (b"text", "", "image")


def test_a_raw_body_is_a_picture_of_its_content_type() -> None:
    picture = decoded(Picture, Request(PNG, headers={b"content-type": b"Image/PNG; q=1"}))
    assert picture == Picture(content=PNG, content_type="image/png")


def test_base64_in_json_is_the_same_picture() -> None:
    text = base64.b64encode(PNG).decode()
    assert decoded(Picture, Request(json.dumps({"content": text, "name": "a"}).encode())) == Picture(PNG, "a")
    assert decoded(dict[str, bytes], Request(json.dumps({"a.png": text}).encode())) == {"a.png": PNG}
    with pytest.raises(BadRequest, match="Invalid base64 encoded string") as refused:
        decoded(list[Picture], Request(b'[{"content": "@@"}]'))
    assert refused.value.path == "$[0].content"


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (b"multipart/form-data", b"", "Empty boundary"),
        (b"multipart/form-data; boundary=x", b"", "Unexpected end"),
        (b"multipart/form-data; boundary=x", b"--x--\r\n", "has no part"),
        (b"multipart/form-data; boundary=x", b"no form", "form cannot be read"),
        (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\ncut', "end"),
        (b"multipart/form-data; boundary=x", b"--x\r\nContent-Type: image/png\r\n\r\n1\r\n--x--\r\n", "Disposition"),
        (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", "name"),
        (b"multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 20 + b"\r\n1\r\n--x--\r\n", "header"),
        (b"multipart/form-data; boundary=" + b"x" * 2000, b"", "Boundary too long"),
    ],
)
def test_a_form_that_is_none_is_refused_with_the_reason(content_type: bytes, body: bytes, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        decoded(Picture, Request(body, headers={b"content-type": content_type}))


def test_a_form_of_too_many_parts_is_refused() -> None:
    request = form(*((f"p{number}", ("a.png", PNG, "image/png")) for number in range(100)))
    with pytest.raises(BadRequest, match=r"at most 64 parts are allowed"):
        decoded(list[Picture], request)


def test_the_bounds_of_the_struct_hold_for_parts_and_raw_bodies() -> None:
    with pytest.raises(BadRequest, match="length >= 1") as refused:
        decoded(list[Picture], form(("a", ("a", PNG, "image/png")), ("b", ("b", b"", "image/png"))))
    assert refused.value.path == "$[1].content"
    with pytest.raises(BadRequest, match="length >= 1") as refused:
        decoded(Picture, Request(b"", headers={b"content-type": b"image/png"}))
    assert (refused.value.path, refused.value.message[:14]) == ("$", "body is empty:")


SCRIPT = """
import msgspec
class Picture(msgspec.Struct):
    content: bytes
    name: str = ""
def init(): ...
def run(request: Picture | list[Picture]):
    pictures = request if isinstance(request, list) else [request]
    return [{picture.name: len(picture.content)} for picture in pictures]
"""


async def test_a_service_takes_a_form_a_picture_and_json_and_says_so(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    async with serve(scripted(SCRIPT)) as served:
        several = form(("a", ("a.png", PNG, "image/png")), ("b", ("b.png", PNG[:3], "image/png")))
        headers = {"Content-Type": several.headers[b"content-type"].decode()}
        assert (await served.request("/score", several.body, headers=headers)).json == [{"a": len(PNG)}, {"b": 3}]
        assert (await served.request("/score", PNG, headers={"Content-Type": "image/png"})).json == [{"": len(PNG)}]
        content = (await served.request("/swagger.json")).json["paths"]["/score"]["post"]["requestBody"]["content"]
        assert list(content) == ["application/octet-stream", "multipart/form-data", "application/json"]


async def test_a_golden_example_may_be_a_picture_whose_time_is_left_open(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    script = SCRIPT.replace("for picture in pictures]", "for picture in pictures], time.time()").replace(
        "import msgspec", "import msgspec, time"
    )
    example = Golden(name="cat", body=Body("image/png", PNG), output=[[{"": len(PNG)}], 0], any_at=("$[1]",))
    async with serve(scripted(script, golden=(example,))) as served:
        assert (await served.request("/ready")).status == 200


async def test_a_message_with_a_picture_is_scored_as_a_picture(serve: Serve, scripted: Callable[..., Path]) -> None:
    picture = Inbound(input_name="amlInput", body=PNG, content_type="image/png", message_id="m1")
    client = FakeClient(queued=[picture])
    async with serve(scripted(SCRIPT), client=lambda: client):
        await eventually(lambda: client.sent, what="the scored message")
    assert json.loads(client.sent[0].body) == [{"": len(PNG)}]
    assert client.sent[0].content_type == "application/json"
