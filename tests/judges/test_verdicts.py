"""A judge's word is held against docs/parity.md before it counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clone.root import ROOT
from judges import table
from judges.__main__ import tell
from judges.verdicts import Verdict, rows, verdict

_IDS = re.compile(r"\"(R-[a-z0-9-]+)\"")
PAGE = """
| `R-jobs` Jobs | doc: x | not built: refuses with NotFound |
| `R-batch` Batches: refuses with `ArgumentInvalid`, `MessageTooLarge` or Gone | doc: x | `tests/x.py::test_x` |
| `R-amqp` AMQP | doc: x | not built: refuses the connection (no listener) |
"""


@pytest.fixture
def documented(tmp_path: Path) -> dict[str, tuple[str, ...]]:
    (tmp_path / "parity.md").write_text(PAGE)
    return rows(tmp_path / "parity.md")


def said(outcome: str, told: str = "", row: str = "") -> str:
    return json.dumps(
        {"client": "npm x", "operation": "o", "expected": "e", "outcome": outcome, "told": told, "row": row}
    )


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (said("passed"), "passed"),
        (said("failed", "no"), "failed"),
        (said("skipped"), "failed"),
        (said("refused", "RestError | NotFound | 404", "R-jobs"), "refused"),
        (said("refused", "Error | MessageTooLarge", "R-batch"), "refused"),
        (said("refused", "Error | Gone", "R-batch"), "refused"),
        (said("refused", "connect ECONNREFUSED 127.0.0.1:9", "R-amqp"), "refused"),
        # not the code of the row, a row that there is not, no row at all
        (said("refused", "Error | Conflict", "R-jobs"), "failed"),
        (said("refused", "it was not refused", "R-amqp"), "failed"),
        (said("refused", "NotFound", "R-none"), "failed"),
        (said("refused", "NotFound"), "failed"),
    ],
)
def test_a_refusal_counts_only_with_a_row_and_with_its_code(
    documented: dict[str, tuple[str, ...]], line: str, outcome: str
) -> None:
    found = verdict(line, documented)
    assert found is not None
    assert found.outcome == outcome


@pytest.mark.parametrize("line", ["", "(node:1) Warning", "[1]", '{"level": "info"}'])
def test_what_a_client_prints_besides_is_no_verdict(line: str, documented: dict[str, tuple[str, ...]]) -> None:
    assert verdict(line, documented) is None


@pytest.mark.parametrize("page", ["| `R-a` A | doc: x | not built |", PAGE + PAGE])
def test_a_row_without_a_code_and_one_id_of_two_rows_are_mistakes(page: str, tmp_path: Path) -> None:
    (tmp_path / "parity.md").write_text(page)
    with pytest.raises(ValueError, match="R-"):
        rows(tmp_path / "parity.md")


def test_every_row_that_the_judges_name_is_on_the_page() -> None:
    named = {
        text
        for file in (ROOT / "judges").rglob("*")
        if file.suffix in (".mjs", ".go", ".py") and "node_modules" not in file.parts
        for text in _IDS.findall(file.read_text(encoding="utf-8"))
    }
    assert named - {"R-none"} == set(rows(ROOT / "docs" / "parity.md"))


def test_the_table_counts_each_client_and_one_failure_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    good = [Verdict("npm a", "o", "e", "passed", ""), Verdict("go b", "o", "e", "refused", "NotFound", "R-jobs")]
    assert tell(good, as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "2", "1", "1", "0"]
    assert tell([*good, Verdict("npm a", "p", "a value", "failed", "another")], as_json=False) == 1
    assert "FAILED npm a: p" in capsys.readouterr().err
    assert tell([], as_json=False) == 1


def test_json_has_the_counts_and_each_operation() -> None:
    document = table.document([Verdict("npm a", "o", "e", "passed", "")])
    counts = {"client": "npm a", "tried": 1, "passed": 1, "refused": 0, "failed": 0}
    assert document["clients"] == [counts, {**counts, "client": "all"}]
    assert document["operations"][0]["operation"] == "o"
