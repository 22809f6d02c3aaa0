"""docs/errors.md: what is refused, and what edgeway says. The rows are what the commands printed in the tests.

A test that sees another message than the page fails. EDGEWAY_WRITE_ERRORS=1 with the same test writes its rows anew;
read the diff before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
WRITE = "EDGEWAY_WRITE_ERRORS"


@dataclass(frozen=True)
class Case:
    wrong: str
    remedy: str = ""


@dataclass(frozen=True)
class Section:
    name: str
    cases: Mapping[str, Case]

    def check(self, case: str, said: str, hide: Mapping[str, str] | None = None) -> None:
        """The page must say what was said, apart from `hide`: what another machine would say otherwise."""
        shown = hidden(said.strip(), hide or {})
        row = _row(self.cases[case], shown)
        rows = self.rows()
        if os.environ.get(WRITE):
            rows[_cell(self.cases[case].wrong)] = row
            self._write(rows)
            return
        assert rows.get(_cell(self.cases[case].wrong)) == row, (
            f"docs/errors.md, {self.name}: the page says another thing ({WRITE}=1 writes it anew):\n{shown}"
        )

    def rows(self) -> dict[str, str]:
        """What the page has: the first cell -> the row."""
        lines = _between(PAGE.read_text(encoding="utf-8"), *self._marks())[1].splitlines()
        table = [line for line in lines if line.startswith("|")][2:]
        return {line.split(" | ")[0].removeprefix("| "): line for line in table}

    def _write(self, rows: Mapping[str, str]) -> None:
        wanted = [_cell(case.wrong) for case in self.cases.values()]
        remedies = any(case.remedy for case in self.cases.values())
        head = ["what was wrong", "what edgeway says", *(["what to do"] if remedies else [])]
        lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(rows[cell] for cell in wanted if cell in rows)]
        before, _, after = _between(PAGE.read_text(encoding="utf-8"), *self._marks())
        PAGE.write_text(before + "\n" + "\n".join(lines) + "\n" + after, encoding="utf-8")

    def _marks(self) -> tuple[str, str]:
        return f"<!-- {self.name}: written by its test -->", f"<!-- end of {self.name} -->"


def hidden(text: str, hide: Mapping[str, str]) -> str:
    for literal, placeholder in sorted(hide.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(literal, placeholder)
    return text


def told(output: str) -> list[str]:
    """The errors under `Diagnostics:` of the engine's output, each with its lines; not the engine's own last word."""
    errors: list[list[str]] = []
    inside = False
    for line in output.partition("\nDiagnostics:\n")[2].splitlines():
        if line and not line.startswith("  "):
            break
        inside = inside and (not line or line.startswith("    "))
        if line.startswith(_SEVERITIES):
            inside = line.startswith(_SEVERITIES[0])
            if inside:
                errors.append([line.removeprefix(_SEVERITIES[0])])
        elif inside and line:
            errors[-1].append(line.removeprefix("    "))
    return [text for text in map("\n".join, errors) if text not in _ENGINES_OWN]


_SEVERITIES = ("    error: ", "    warning: ", "    info: ", "    debug: ")
_ENGINES_OWN: Sequence[str] = ("update failed", "preview failed")


def _between(text: str, begin: str, end: str) -> tuple[str, str, str]:
    assert text.count(begin) == text.count(end) == 1, f"docs/errors.md must have {begin} and {end} once"
    start, stop = text.index(begin) + len(begin), text.index(end)
    return text[:start], text[start:stop], text[stop:]


def _row(case: Case, said: str) -> str:
    cells = [_cell(case.wrong), "<br>".join(_code(line) for line in said.splitlines() if line.strip())]
    return f"| {' | '.join([*cells, *([_cell(case.remedy)] if case.remedy else [])])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(line: str) -> str:
    """Verbatim: the fence is longer than any run of backticks inside."""
    longest = max(map(len, _runs(line)), default=0)
    fence, pad = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{pad}{_cell(line.strip())}{pad}{fence}"


def _runs(line: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in line).split() if run]
