"""docs/parity.md holds what it promises: witnesses that exist, a source for every row, a section for every service."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from inspect import CO_OPTIMIZED
from pathlib import Path
from types import CodeType

from cli.first_contact.steps import STEPS
from clone.root import ROOT

PAGE = ROOT / "docs" / "parity.md"
LOOSE = ("Differs from Azure, knowingly", "Not confirmed anywhere (our guess)")
"""Only here may a row do without a witness, and then says why."""
_KINDS = re.compile(r"(doc|code|issue|recording|inferred): \S")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_REFUSAL = re.compile(r"not built: refuses (with \S|the connection)")
_ID = re.compile(r"`(P-[a-z0-9-]+)` ")
_SETTLED = re.compile(r"settled by first-contact step (\d+)")
_FOLDER = re.compile(r"\(`(standin/[\w/]+/)`\)$")


@dataclass(frozen=True)
class Row:
    line: int
    section: str
    what: str
    source: str
    witness: str

    def __str__(self) -> str:
        return f"docs/parity.md:{self.line} ({self.section}): {self.what}"


def rows() -> Iterator[Row]:
    section = ""
    for line, text in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), start=1):
        section = text.removeprefix("## ") if text.startswith("## ") else section
        if text.startswith("| ") and not text.startswith(("| behaviour |", "| here |", "| guess |")):
            cells = [cell.strip() for cell in text.strip("|").split(" | ")]
            assert len(cells) == 3, f"docs/parity.md:{line} has {len(cells)} cells, three are wanted"
            yield Row(line, section, *cells)


@cache
def names_in(path: Path) -> frozenset[str]:
    """By reading, not by importing: half of the tests need an engine or the stand-in. Through code and not `ast`, whose
    nodes CPython 3.11 now and then fails to make (SystemError: AST constructor recursion depth mismatch)."""
    return frozenset(functions(compile(path.read_text(encoding="utf-8"), str(path), "exec")))


def functions(code: CodeType) -> Iterator[str]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            # a class has code, too, but only a function has fast locals
            if inner.co_flags & CO_OPTIMIZED:
                yield inner.co_name
            yield from functions(inner)


NO_SERVICES = {ROOT / "standin" / "containers", ROOT / "standin" / "control"}
"""What services run their containers with, and the stand-in's own surface: no behaviour of Azure's."""


def witness_problem(row: Row) -> str | None:
    if _REFUSAL.match(row.witness):
        return None
    if row.witness.startswith("no test: "):
        return None if row.section in LOOSE else "may not do without a witness"
    found = _TEST.fullmatch(row.witness)
    if found is None:
        return f"{row.witness!r} is neither a test nor a refusal"
    file, name = ROOT / found[1], found[2]
    if not name.startswith("test_") or not file.is_file() or name not in names_in(file):
        return f"{found[1]} has no {name}"
    return None


def test_every_witness_exists() -> None:
    problems = [f"{row}: {problem}" for row in rows() if (problem := witness_problem(row))]

    assert problems == []


def test_every_row_says_where_it_comes_from() -> None:
    assert [str(row) for row in rows() if not _KINDS.match(row.source)] == []


def test_every_service_of_the_stand_in_has_a_section_and_every_section_its_rows() -> None:
    headings = [text for text in PAGE.read_text(encoding="utf-8").splitlines() if text.startswith("## ")]
    folders = {found[1] for text in headings if (found := _FOLDER.search(text))}
    services = {path.parent for path in (ROOT / "standin").glob("*/__init__.py")} - NO_SERVICES
    subsystems = {path.parent for path in (ROOT / "standin" / "iothub").glob("*/__init__.py")}

    missing = [path for path in services | subsystems if f"{path.relative_to(ROOT)}/" not in _above(folders)]
    assert missing == []
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []
    assert {text.removeprefix("## ") for text in headings} == {row.section for row in rows()}


def _above(folders: set[str]) -> set[str]:
    """The folders with those that they lie in: a section on a part of a service speaks of the service."""
    return folders | {f"{parent}/" for folder in folders for parent in Path(folder).parents}


def test_every_id_is_one_row_s_and_is_asked_by_first_contact() -> None:
    ids = [found[1] for row in rows() if (found := _ID.match(row.what))]
    asked = [expectation for step in STEPS for expectation in step.checks]

    assert [id for id, count in Counter(ids).items() if count > 1] == []
    assert [id for id, count in Counter(asked).items() if count > 1] == []
    # a question without a row, or a row that promises a question: write the one, or the other
    assert set(asked) ^ set(ids) == set()


def test_what_is_unsure_and_settled_by_a_step_is_asked_there() -> None:
    """Give the row an id (`P-...`) at its beginning, and the step a question of that id: cli/first_contact/steps/."""
    of_step = {step.number: set(step.checks) for step in STEPS}
    lacking = []
    for row in rows():
        for number in map(int, _SETTLED.findall(row.source)):
            found = _ID.match(row.what)
            if number in of_step and (found is None or found[1] not in of_step[number]):
                lacking.append(f"{row}: step {number}")

    assert lacking == []


def test_a_witness_that_is_not_there_is_seen() -> None:
    here = "tests/docs/test_parity.py"

    def problem(witness: str, section: str = "Entra") -> str | None:
        return witness_problem(Row(1, section, "x", "doc: y", witness))

    assert problem(f"`{here}::test_every_witness_exists`") is None
    assert problem(f"`{here}::test_nothing`") == f"{here} has no test_nothing"
    assert problem("`tests/docs/none.py::test_x`") == "tests/docs/none.py has no test_x"
    assert problem("trust us") == "'trust us' is neither a test nor a refusal"
    assert problem("no test: too dull") == "may not do without a witness"
    assert problem("no test: too dull", LOOSE[0]) is None


def test_no_path_of_somebodys_machine_is_cited() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert not re.search(r"\.\./|/work/|/home/|/root/", text)
