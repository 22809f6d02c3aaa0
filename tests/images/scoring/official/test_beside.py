"""The same entry scripts, unmodified, under Azure ML's own server and under ours: starts, codes, headers, answers.

That server runs in the environment of the benchmark's anchor, ours in what the image has for such scripts; both are
made by the first test that needs them. What differs on purpose is in differences.py, and a row of docs/scoring.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.images.scoring.official.case import Said, answer_of
from tests.images.scoring.official.differences import differences, listed
from tests.images.scoring.official.recorded import KINDS, cases, recorded, unusual
from tests.images.scoring.official.servers import Server, written

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def official() -> Iterator[Server]:
    server = Server("official")
    yield server
    server.close()


@pytest.fixture(scope="module")
def ours() -> Iterator[Server]:
    server = Server("ours")
    yield server
    server.close()


def said(server: Server, kind: str, folder: Path) -> dict[str, Said]:
    return {case.name: unusual(server.said(case, folder)) for case in cases(kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_azure_mls_own_server_says_what_is_recorded(official: Server, kind: str, tmp_path: Path) -> None:
    assert said(official, kind, tmp_path) == recorded(kind), "python -m tests.images.scoring.official.record"


@pytest.mark.parametrize("kind", KINDS)
def test_ours_says_the_same_but_for_the_differences_that_are_listed(ours: Server, kind: str, tmp_path: Path) -> None:
    here = said(ours, kind, tmp_path)
    found = [one for case, there in recorded(kind).items() for one in differences(case, there, here[case])]
    assert [one for one in found if listed(*one) is None] == []


def test_a_script_with_schemas_describes_itself_and_names_the_field_that_is_wrong(ours: Server, tmp_path: Path) -> None:
    case = next(case for case in cases("schemas") if case.name == "schemas: numbers")
    with ours.serving(case, written(case, tmp_path / "schemas")) as port:
        assert port is not None

        def asked(title: str) -> dict[str, Any]:
            body: dict[str, Any] = json.loads(answer_of(port, case.asked[title]).partition(b"\r\n\r\n")[2])
            return body

        assert asked("a field is missing")["error"]["path"] == "$.data"
        assert asked("a list")["error"]["message"] == "body is list, must be a JSON object"
        schema = asked("swagger")["paths"]["/score"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert sorted(schema["properties"]) == ["data", "scale"]
