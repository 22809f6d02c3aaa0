"""Our answers beside those that Azure ML's own server gave: what needs no process, and no package of the image's."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.images.scoring.official.case import Case
from tests.images.scoring.official.differences import differences, listed
from tests.images.scoring.official.in_process import said_in_process
from tests.images.scoring.official.recorded import KINDS, cases, recorded, unusual
from tests.images.scoring.official.servers import written

WITHOUT_SCHEMAS = importlib.util.find_spec("inference_schema") is None


def played(kind: str) -> list[Case]:
    needs_more = kind == "schemas" and WITHOUT_SCHEMAS
    return [] if needs_more else [case for case in cases(kind) if not case.process]


def test_every_case_is_recorded() -> None:
    assert {kind: [case.name for case in cases(kind)] for kind in KINDS} == {
        kind: list(recorded(kind)) for kind in KINDS
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
async def test_an_entry_script_is_answered_as_by_azure_mls_own_server_but_for_what_is_listed(
    kind: str, tmp_path: Path
) -> None:
    there, unlisted = recorded(kind), []
    for index, case in enumerate(played(kind)):
        here = unusual(await said_in_process(case, written(case, tmp_path / str(index))))
        unlisted += [one for one in differences(case.name, there[case.name], here) if listed(*one) is None]
    assert unlisted == []
