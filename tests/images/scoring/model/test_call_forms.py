"""The forms in which an entry script may ask for its request, each over real sockets."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from images.scoring.bodies.query import query_fields
from images.scoring.errors import BadRequest
from images.scoring.model import azureml
from tests.images.scoring.conftest import BODY, NORMAL, Serve

Scripted = Callable[..., Path]

TYPED = """
import msgspec
class Point(msgspec.Struct):
    x: int
    names: list[str] = []
def init(): ...
def run(data: Point | bytes):
    if isinstance(data, bytes):
        if not data: raise msgspec.ValidationError("picture is empty - at `$`")
        return {"bytes": len(data)}
    return {"x": data.x, "names": data.names}
"""
RAW = """
import json
from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp
from azureml_inference_server_http.api.aml_response import AMLResponse
def init(): ...
@rawhttp
def run(request):
    assert isinstance(request, AMLRequest)
    if request.files:
        return {name: [file.filename, len(file.read())] for name, file in request.files.items()}
    if request.method == "GET":
        return AMLResponse({"args": request.args.to_dict()}, 200, {"X-Kind": "query"}, json_str=True)
    body = request.get_data()
    if body == b"teapot":
        return AMLResponse("short and stout", 418, {"Content-Type": "text/x-pot", "X-Two": "a, b"})
    if body == b"broken":
        return AMLResponse("no", 503)
    if body == b"header":
        return AMLResponse("no", 200, {"X-Bad name": "v"})
    return AMLResponse(body[::-1], 200, {"Content-Type": "application/octet-stream"})
"""


async def test_a_typed_script_takes_raw_bytes_where_the_content_type_says_so(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(TYPED)) as served:
        raw = {"Content-Type": "application/octet-stream"}
        assert (await served.request("/score", b"\xff\x00", headers=raw)).json == {"bytes": 2}
        assert (await served.request("/score", b"\x89PNG", headers={"Content-Type": "image/png"})).json == {"bytes": 4}
        assert (await served.request("/score", b'{"x":1}')).json == {"x": 1, "names": []}
        refused = await served.request("/score", b"\xff")
        assert (refused.status, refused.error["path"]) == (400, "$")


async def test_a_field_that_the_struct_does_not_name_is_ignored(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(TYPED)) as served:
        assert (await served.request("/score", b'{"x": 1, "y": 2}')).json == {"x": 1, "names": []}


async def test_a_struct_may_forbid_fields_that_it_does_not_name(serve: Serve, scripted: Scripted) -> None:
    strict = TYPED.replace("Point(msgspec.Struct)", "Point(msgspec.Struct, forbid_unknown_fields=True)")
    async with serve(scripted(strict)) as served:
        refused = await served.request("/score", b'{"x": 1, "y": 2}')
        assert (refused.status, refused.error["path"]) == (400, "$")
        assert "unknown field `y`" in refused.error["message"]


async def test_a_script_may_itself_refuse_what_it_decodes(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(TYPED)) as served:
        refused = await served.request("/score", b"", headers={"Content-Type": "application/octet-stream"})
        assert (refused.status, refused.error["code"]) == (400, "BadRequest")


async def test_a_query_is_a_request_too(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(TYPED)) as served:
        answer = await served.request("/score?x=3&names=a&names=%62")
        assert answer.json == {"x": 3, "names": ["a", "b"]}
        refused = await served.request("/score?x=three")
        assert (refused.status, refused.error["path"]) == (400, "$.x")


async def test_an_untyped_script_gets_a_query_as_json_text(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted("def init(): ...\ndef run(data): return data\n")) as served:
        answer = await served.request("/score?a=1&b=[1,2]&c=x&d=null&a=2")
        assert json.loads(answer.json) == {"a": [1, 2], "b": [1, 2], "c": "x", "d": None}


@pytest.mark.parametrize("annotation", ["dict", "list[float]", "'np.ndarray'", "object"])
async def test_an_annotation_without_a_struct_is_only_a_note(serve: Serve, scripted: Scripted, annotation: str) -> None:
    script = f"import numpy as np\ndef init(): ...\ndef run(data: {annotation}): return type(data).__name__\n"
    async with serve(scripted(script)) as served:
        assert (await served.request("/score", b"[1]")).json == "str"


async def test_a_script_that_asks_for_the_headers_gets_them(serve: Serve, scripted: Scripted) -> None:
    script = "def init(): ...\ndef run(data, request_headers): return request_headers['X-Who']\n"
    async with serve(scripted(script)) as served:
        assert (await served.request("/score", b"", headers={"x-who": "me"})).json == "me"


async def test_a_driver_module_is_looked_through(serve: Serve, scripted: Scripted) -> None:
    script = (
        "import types\ndriver_module = types.ModuleType('driven')\ndriver_module.run = lambda data: 'driven'\n"
        "def init(): ...\ndef run(*arguments): ...\n"
    )
    async with serve(scripted(script)) as served:
        assert (await served.request("/score", b"")).json == "driven"


@pytest.mark.parametrize(
    ("value", "body"),
    [("None", b"{}"), ("'x'", b'"x"'), ("(1, 2)", b"[1, 2]"), ("{1: None}", b'{"1": null}'), ("'ü'", b'"\\u00fc"')],
)
async def test_an_untyped_answer_has_the_bytes_of_azure_mls_own_server(
    serve: Serve, scripted: Scripted, value: str, body: bytes
) -> None:
    async with serve(scripted(f"def init(): ...\ndef run(data): return {value}\n")) as served:
        assert (await served.request("/score", b"")).body == body


async def test_a_raw_script_gets_the_request_and_answers_as_it_likes(serve: Serve, scripted: Scripted) -> None:
    async with serve(scripted(RAW)) as served:
        plain = await served.request("/score", b"abc")
        assert (plain.body, plain.headers["content-type"]) == (b"cba", "application/octet-stream")
        assert plain.headers["x-ms-run-function-failed"] == "False"
        assert float(plain.headers["x-ms-run-fn-exec-ms"]) > 0
        pot = await served.request("/score", b"teapot")
        assert (pot.status, pot.body, pot.headers["content-type"]) == (418, b"short and stout", "text/x-pot")
        query = await served.request("/score?a=1")
        assert (query.json, query.headers["x-kind"]) == ({"args": {"a": "1"}}, "query")
        broken = await served.request("/score", b"broken")
        assert (broken.status, broken.headers["x-ms-run-function-failed"]) == (503, "True")
        smuggled = await served.request("/score", b"header")
        assert (smuggled.status, smuggled.error["code"]) == (500, "RunFailed")
        metrics = (await served.request("/metrics")).body.decode().splitlines()
        assert 'scoring_requests_total{code="other"} 1' in metrics


async def test_a_raw_script_gets_files_of_a_form(serve: Serve, scripted: Scripted) -> None:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n"
    )
    async with serve(scripted(RAW)) as served:
        answer = await served.request("/score", form, headers={"Content-Type": "multipart/form-data; boundary=b"})
        assert answer.json == {"picture": ["a.png", 4]}


async def test_a_raw_script_without_werkzeug_says_what_it_needs(
    serve: Serve, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setattr(azureml, "request_class", functools.cache(azureml.request_class.__wrapped__))
    for name in [name for name in sys.modules if name.startswith(("werkzeug", "azureml"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "werkzeug", None)
    async with serve(scripted(RAW)) as served:
        ready = await served.request("/ready")
        assert "asks for the raw request, which needs werkzeug" in ready.error["message"]


async def test_a_compressed_body_is_scored(serve: Serve) -> None:
    async with serve() as served:
        answer = await served.request("/score", gzip.compress(BODY), headers={"Content-Encoding": "gzip"})
        assert answer.json == {**NORMAL, "anomaly": False}
        assert (await served.request("/score", BODY, headers={"Content-Encoding": "identity"})).status == 200


@pytest.mark.parametrize(
    ("body", "encoding", "status", "message"),
    [
        (b"no gzip", "gzip", 400, "body is not gzip: "),
        (gzip.compress(BODY)[:-4], "gzip", 400, "it ends early"),
        (gzip.compress(BODY) + b"x", "gzip", 400, "it goes on after its end"),
        (gzip.compress(b"0" * 2_000_000), "gzip", 413, "more than 1048576 bytes when unpacked"),
        (BODY, "br", 415, "content-encoding is 'br', allowed are gzip and identity"),
    ],
)
async def test_a_compressed_body_that_cannot_be_read_is_refused(
    serve: Serve, body: bytes, encoding: str, status: int, message: str
) -> None:
    async with serve() as served:
        answer = await served.request("/score", body, headers={"Content-Encoding": encoding})
        assert answer.status == status
        assert message in answer.error["message"]


async def test_browsers_of_listed_origins_may_ask(serve: Serve) -> None:
    async with serve(cors_origins=("https://one.example", "https://two.example")) as served:
        preflight = await served.request(
            "/score",
            method="OPTIONS",
            headers={
                "Origin": "https://one.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert preflight.status == 200
        assert preflight.headers["access-control-allow-origin"] == "https://one.example"
        assert preflight.headers["access-control-allow-methods"] == "GET, POST"
        assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
        answer = await served.score(NORMAL, headers={"Origin": "https://two.example"})
        assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (
            "https://two.example",
            "Origin",
        )
        other = await served.score(NORMAL, headers={"Origin": "https://three.example"})
        assert "access-control-allow-origin" not in other.headers
        refused = await served.request("/score", b"{", headers={"Origin": "https://one.example"})
        assert (refused.status, refused.headers["access-control-allow-origin"]) == (400, "https://one.example")


async def test_a_trace_id_comes_back(serve: Serve) -> None:
    async with serve() as served:
        assert (await served.score(NORMAL, headers={"TraceId": "t1"})).headers["traceid"] == "t1"


def test_a_query_with_too_many_fields_is_refused() -> None:
    with pytest.raises(BadRequest, match="query cannot be read"):
        query_fields(b"a=1&" * 2000)
