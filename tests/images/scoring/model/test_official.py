"""The same entry scripts, unmodified, under Azure ML's own server and under ours: answers, codes and headers.

That server runs in the environment of the benchmark's anchor, ours in what the image has for such scripts; both are
made by the first test that needs them. What differs on purpose is a row of DIFFERENT, and of docs/scoring.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from bench.scoring.environments import anchor, scoring_image
from tests.images.scoring.client import Answer
from tests.images.scoring.process.test_process import ROOT, ask
from tests.ports import free_port
from tests.waiting import DEADLINE_S

SCRIPTS = Path(__file__).parent / "scripts"
COMPARED = ("content-type", "x-ms-run-function-failed", "x-ms-request-id", "x-request-id", "x-ms-client-request-id")
ORIGIN = {"Origin": "https://one.example"}
JSON = {"Content-Type": "application/json"}
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="word"\r\n\r\nhi\r\n'
    b'--b\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n\x89PNG\r\n--b--\r\n'
)

pytestmark = [pytest.mark.slow, pytest.mark.long]


@dataclass(frozen=True)
class Asked:
    body: bytes | None = None
    path: str = "/score"
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Different(NamedTuple):
    official: object
    ours: object
    reason: str


TEXT = {
    "a row": Asked(b'{"a": [1, 2.5, null], "b": "\xc3\xa9"}', headers=JSON),
    "a scalar": Asked(b"7"),
    "none": Asked(b'{"act": "none"}'),
    "a string": Asked(b'{"act": "string"}'),
    "not a number": Asked(b'{"act": "nan"}'),
    "run raises": Asked(b'{"act": "raise"}'),
    "not json for a script that wants it": Asked(b"{"),
    "not utf-8": Asked(b"\xff"),
    "unserialisable": Asked(b'{"act": "unserialisable"}'),
    "too slow": Asked(b'{"act": "spin"}'),
    "a query": Asked(path="/score?a=1&b=[2]&c=x&c=y"),
    "a form's content type": Asked(b"7", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    "options": Asked(path="/score", method="OPTIONS"),
    "delete": Asked(b"", method="DELETE"),
    "head": Asked(method="HEAD"),
    "alive": Asked(path="/"),
    "unknown path": Asked(path="/nothing"),
    "ids": Asked(b"7", headers={"x-request-id": "r", "x-ms-client-request-id": "c"}),
    "legacy id": Asked(b"7", headers={"x-request-id": "r", "x-ms-request-id": "l"}),
    "long id": Asked(b"7", headers={"x-ms-request-id": "l" * 101, "x-request-id": "r"}),
    "long request id": Asked(b"7", headers={"x-request-id": "l" * 101}),
    "cors": Asked(b"7", headers=ORIGIN),
    "cors of another": Asked(b"7", headers={"Origin": "https://other.example"}),
    "cors preflight": Asked(
        method="OPTIONS",
        headers={**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-one"},
    ),
    "trace": Asked(b"7", headers={"TraceId": "t"}),
}
RAW = {
    "bytes": Asked(b"\x00\xffabc"),
    "a picture": Asked(b"\x89PNG", headers={"Content-Type": "image/png"}),
    "a form": Asked(FORM, headers={"Content-Type": "multipart/form-data; boundary=b"}),
    "a query": Asked(path="/score?a=1&b=%C3%A9"),
    "json": Asked(b"json", headers={**JSON, "X-Who": "me"}),
    "own code": Asked(b"teapot"),
    "own failure": Asked(b"broken"),
    "own nothing": Asked(b"none"),
    "run raises": Asked(b"raise"),
    "options": Asked(method="OPTIONS"),
}
SCHEMA = {
    "fields": Asked(b'{"data": [[1, 2], [3, 4]], "scale": 10}', headers=JSON),
    "a default": Asked(b'{"data": [[1, 2]]}', headers=JSON),
    "a query": Asked(path="/score?data=[[1,2]]&scale=3"),
    "a field is missing": Asked(b'{"scale": 1}', headers=JSON),
    "a field that does not convert": Asked(b'{"data": "x"}', headers=JSON),
    "a list": Asked(b"[1]", headers=JSON),
    "nothing": Asked(b"", headers=JSON),
    "not json": Asked(b"{", headers=JSON),
    "another content type": Asked(b"{}", headers={"Content-Type": "text/plain"}),
}
HEADERS = {"its headers": Asked(b"x", headers={"x-who": "me", **JSON})}

FORM_BODY = "curl sends this type unless told otherwise, and the body is the same: theirs gives the script nothing"
ALWAYS_IDS = "every answer can be found in a log"
OPTIONS = "a preflight carries no key, so it never reaches the script"
DIFFERENT = {
    ("text", "a form's content type", "status"): Different(500, 200, FORM_BODY),
    ("text", "a form's content type", "body"): Different(None, b"7", FORM_BODY),
    ("text", "a form's content type", "exec ms"): Different(False, True, FORM_BODY),
    ("text", "a form's content type", "x-ms-run-function-failed"): Different("True", "False", FORM_BODY),
    ("text", "delete", "x-request-id"): Different(None, "made", ALWAYS_IDS),
    ("text", "delete", "x-ms-request-id"): Different(None, "made", ALWAYS_IDS),
    ("text", "unknown path", "x-request-id"): Different(None, "made", ALWAYS_IDS),
    ("text", "unknown path", "x-ms-request-id"): Different(None, "made", ALWAYS_IDS),
    ("text", "long id", "x-request-id"): Different("r", None, "a refused head is not read further"),
    ("text", "unserialisable", "x-ms-run-function-failed"): Different("False", "True", "it is the script that failed"),
    ("raw", "options", "content-type"): Different("image/png", "text/html; charset=utf-8", OPTIONS),
    ("raw", "options", "x-class"): Different("AMLRequest", None, OPTIONS),
    ("raw", "options", "exec ms"): Different(True, False, OPTIONS),
}


def said(question: Asked, answer: Answer) -> dict[str, object]:
    """What is compared: the body only where it is the script's, the words of errors are each server's own."""
    of_script = answer.status < 400 or "x-class" in answer.headers
    lines = {name: answer.headers.get(name) for name in COMPARED}
    for name in ("x-ms-request-id", "x-request-id"):
        if len(lines[name] or "") > 30:
            lines[name] = "made"
    # without an origin that asks, theirs are noise
    cors = {
        name: value
        for name, value in answer.headers.items()
        if name.startswith("access-control") and "Origin" in question.headers
    }
    own = {name: answer.headers.get(name) for name in ("x-two", "x-class", "traceid", "vary")}
    exec_ms = {"exec ms": "x-ms-run-fn-exec-ms" in answer.headers}
    return {"status": answer.status, "body": answer.body if of_script else None, **lines, **cors, **own, **exec_ms}


async def asked(port: int, what: Asked) -> Answer:
    answer = await ask(port, what.path, what.body, method=what.method, headers=what.headers)
    assert answer is not None
    return answer


@asynccontextmanager
async def both(name: str, artifact: Path, tmp_path: Path) -> AsyncIterator[tuple[int, int]]:
    """The ports of the official server and of ours."""
    script = SCRIPTS / f"{name}.py"
    folder = Path(shutil.copytree(artifact, tmp_path / name))
    shutil.copy(script, folder / "score.py")
    (folder / "card.json").write_text(without_golden((folder / "card.json").read_text()))
    ports = free_port(), free_port()
    shared = {**os.environ, "AML_CORS_ORIGINS": "https://one.example", "SCORING_TIMEOUT_MS": "2000"}
    official, image = anchor("azmlinfsrv"), scoring_image(azureml=True)
    official.make()
    image.make()
    own = {"SCORING_HOST": "127.0.0.1", "SCORING_SECRETS": "/nonexistent", "SCORING_ARTIFACT": str(folder)}
    commands = (
        (
            [str(official.python.with_name("azmlinfsrv")), "--entry_script", str(script), "--port", str(ports[0])],
            {**shared, "AML_APP_ROOT": "/"},
        ),
        ([str(image.python), "-m", "bench.scoring.as_started"], {**shared, **own, "SCORING_PORT": str(ports[1])}),
    )
    log = (tmp_path / "log").open("wb")
    processes = [
        await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=log, stderr=log)
        for command, env in commands
    ]
    try:
        async with asyncio.timeout(DEADLINE_S):
            for port, path in zip(ports, ("/", "/ready"), strict=True):
                while (answer := await ask(port, path)) is None or answer.status != 200:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        yield ports
    finally:
        for process in processes:
            process.terminate()
            await process.wait()
        log.close()


def without_golden(card: str) -> str:
    return json.dumps({**json.loads(card), "golden": []})


async def compare(name: str, questions: dict[str, Asked], artifact: Path, tmp_path: Path) -> None:
    differences: dict[tuple[str, str, str], tuple[object, object]] = {}
    async with both(name, artifact, tmp_path) as (official, ours):
        for title, question in questions.items():
            theirs, own = said(question, await asked(official, question)), said(question, await asked(ours, question))
            for key in theirs.keys() | own.keys():
                if theirs.get(key) != own.get(key):
                    differences[name, title, key] = theirs.get(key), own.get(key)
    listed = {key: row[:2] for key, row in DIFFERENT.items() if key[0] == name}
    assert differences == listed


async def test_scripts_that_take_text_are_answered_alike(artifact: Path, tmp_path: Path) -> None:
    await compare("text", TEXT, artifact, tmp_path)


async def test_scripts_that_take_headers_are_answered_alike(artifact: Path, tmp_path: Path) -> None:
    await compare("headers", HEADERS, artifact, tmp_path)


async def test_scripts_that_take_the_raw_request_are_answered_alike(artifact: Path, tmp_path: Path) -> None:
    await compare("raw", RAW, artifact, tmp_path)


async def test_scripts_with_schemas_are_answered_alike(artifact: Path, tmp_path: Path) -> None:
    await compare("schema", SCHEMA, artifact, tmp_path)


async def test_a_script_with_schemas_describes_itself_and_names_the_field_that_is_wrong(
    artifact: Path, tmp_path: Path
) -> None:
    async with both("schema", artifact, tmp_path) as (_, port):
        missing = await asked(port, SCHEMA["a field is missing"])
        assert (missing.status, missing.error["path"]) == (400, "$.data")
        listed = await asked(port, SCHEMA["a list"])
        assert listed.error["message"] == "body is list, must be a JSON object"
        document = (await asked(port, Asked(path="/swagger.json"))).json
        schema = document["paths"]["/score"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert sorted(schema["properties"]) == ["data", "scale"]
