"""Paths that an entry script answers beside /score: the same key, limits and forms; the server keeps its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from images.scoring.errors import StartError
from images.scoring.process.settings import Settings
from images.scoring.service.service import load_service
from tests.images.scoring.conftest import Serve

SCRIPT = """
from msgspec import Struct

ANSWERS_AT = ("/image", "/{project}/image", "/live", "/v1.0/{project}/detect")

class Row(Struct):
    number: int

def init(): ...

def run(row: Row) -> int:
    return row.number + 1
"""


@pytest.fixture
def folder(scripted: Callable[..., Path]) -> Path:
    return scripted(SCRIPT)


@pytest.mark.parametrize("path", ["/image", "//image", "/any-project/image", "/v1.0/1f-2/detect", "/score"])
async def test_a_path_of_the_script_is_score_by_another_name(serve: Serve, folder: Path, path: str) -> None:
    async with serve(folder) as served:
        answer = await served.request(path, b'{"number": 1}', method="POST")
        assert (answer.status, answer.json) == (200, 2)
        bad = await served.request(path, b'{"number": "x"}', method="POST")
        assert (bad.status, bad.error["path"]) == (400, "$.number")


@pytest.mark.parametrize("path", ["/images", "/a/b/image", "/image/", "/v1x0/a/detect", "/v1.0//detect"])
async def test_what_only_looks_like_it_is_no_path(serve: Serve, folder: Path, path: str) -> None:
    async with serve(folder) as served:
        assert (await served.request(path, b'{"number": 1}', method="POST")).status == 404


async def test_who_asks_for_no_path_is_told_of_those_of_the_script_too(serve: Serve, folder: Path) -> None:
    async with serve(folder) as served:
        assert (await served.request("/images")).error["message"] == (
            "no such path, there are: /, /live, /ready, /metrics, /score, /swagger.json, "
            "/image, /{project}/image, /v1.0/{project}/detect"
        )


async def test_the_servers_own_paths_stay_its_own_and_a_get_is_no_request(serve: Serve, folder: Path) -> None:
    async with serve(folder) as served:
        assert (await served.request("/live")).body == b"Healthy"
        refused = await served.request("/image")
        assert (refused.status, refused.headers["allow"]) == (405, "POST, OPTIONS")


async def test_they_are_behind_the_key_and_not_on_the_port_for_probes(
    serve: Serve, folder: Path, secrets_folder: Path
) -> None:
    async with serve(folder, secrets=secrets_folder) as served:
        assert (await served.request("/image", b'{"number": 1}', method="POST")).status == 403


async def test_while_there_is_no_model_a_post_to_any_path_is_told_why_as_at_score(
    serve: Serve, scripted: Callable[..., Path]
) -> None:
    script = SCRIPT.replace("def init(): ...", "def init(): raise OSError('no weights')")
    async with serve(scripted(script)) as served:
        for path in ("/image", "/a/b/c", "/score"):
            answer = await served.request(path, b'{"number": 1}', method="POST")
            assert (answer.status, "no weights" in answer.error["message"]) == (503, True)
        assert (await served.request("/image")).status == 404


async def test_the_service_describes_them_with_their_parts(serve: Serve, folder: Path) -> None:
    async with serve(folder) as served:
        paths = (await served.request("/swagger.json")).json["paths"]
        assert list(paths["/live"]) == ["get", "head"]
        (part,) = paths["/v1.0/{project}/detect"]["parameters"]
        assert (part["name"], part["in"], part["required"]) == ("project", "path", True)
        assert paths["/image"]["post"]["requestBody"] == paths["/score"]["post"]["requestBody"]
        ids = [
            operation["operationId"] for of in paths.values() for operation in of.values() if "responses" in operation
        ]
        assert len(ids) == len(set(ids)) > 8


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'/image'", "ANSWERS_AT of score.py is '/image', wanted is a tuple of 1 to 64 paths"),
        ("()", "ANSWERS_AT of score.py is (), wanted is a tuple of 1 to 64 paths"),
        ("('image',)", "ANSWERS_AT of score.py has 'image', allowed are paths as /image or /{project}/image"),
        ("('/a/{b',)", "ANSWERS_AT of score.py has '/a/{b'"),
        ("(7,)", "ANSWERS_AT of score.py has 7"),
    ],
)
def test_what_are_no_paths_are_refused_at_the_start(scripted: Callable[..., Path], value: str, said: str) -> None:
    lines = [line if not line.startswith("ANSWERS_AT") else f"ANSWERS_AT = {value}" for line in SCRIPT.splitlines()]
    with pytest.raises(StartError) as refused:
        load_service(scripted("\n".join(lines)), Settings().runs)
    assert said in str(refused.value)
