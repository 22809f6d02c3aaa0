"""The table in docs/scoring.md: a row for each difference that the comparison lists, and for what it cannot ask."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from tests.images.scoring.official.differences import DIFFERENT, differences, listed
from tests.images.scoring.official.recorded import KINDS, recorded

PAGE = Path(__file__).resolve().parents[4] / "docs" / "scoring.md"
HEADER = "| what | there | here | why |"
NOT_ASKED = {
    "words of errors, and `Allow`",
    "a struct in an annotation of `run`",
    "time-out of `run`",
    "`x-ms-server-version`",
    "compressed bodies",
    "HTTP/1.1",
    "sizes of heads, bodies and numbers of connections",
    "port 5001",
    "Application Insights, data collection, `config.json`, `logging.json`, its own `swagger.json`, a debugger's port",
    "`init` that fails, a script that cannot be loaded",
    "variables, packages and arguments of that server",
}
"""Read from the two sources, or held by other tests."""


def rows() -> list[str]:
    lines = PAGE.read_text().splitlines()
    table = lines[lines.index(HEADER) + 2 :]
    end = next(index for index, line in enumerate(table) if not line.startswith("|"))
    return [line.split(" | ")[0].removeprefix("| ") for line in table[:end]]


def test_the_table_has_a_row_for_each_difference_that_the_comparison_lists_and_no_other() -> None:
    found = rows()
    assert len(found) == len(set(found))
    assert sorted(found) == sorted({one.row for one in DIFFERENT} | NOT_ASKED)


def test_a_difference_that_is_not_listed_is_found() -> None:
    there = recorded("callables")["callables: a lambda"]
    (one,) = differences("callables: a lambda", there, {"text": {**there["text"], "body": "another"}})
    assert one == ("callables: a lambda", "text", "body", '"[1]"', "another")
    assert listed(*one) is None


def test_every_listed_difference_is_of_a_case_that_is_asked() -> None:
    asked = {(case, title) for kind in KINDS for case, said in recorded(kind).items() for title in [*said, "start"]}
    unused = [
        one for one in DIFFERENT if not any(fnmatchcase(c, one.case) and fnmatchcase(t, one.asked) for c, t in asked)
    ]
    assert unused == []
