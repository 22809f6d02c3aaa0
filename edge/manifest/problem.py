"""A finding about a manifest: where it is (path, line of the JSON, column) and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

# Values under these keys may be secret (passwords, environment): their lines are named, never quoted.
_QUIET = frozenset({"registryCredentials", "env"})


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` in dots, as the portal writes it; `line` counts in `render(content)`."""

    path: str
    reason: str
    line: int | None = None
    column: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        where = "".join(
            (
                f", line {self.line}" if self.line is not None else "",
                f", column {self.column}" if self.column is not None else "",
            )
        )
        quoted = f"\n    {self.line} | {self.text}" if self.text is not None else ""
        return f"{self.path or 'manifest'}{where}: {self.reason}{quoted}"


@dataclass(slots=True)
class Findings:
    """Collects findings while the rules walk a manifest; lines are added at the end, when the whole is rendered."""

    entries: list[tuple[Path, str, int | None]] = field(default_factory=list)

    def add(self, path: Path, reason: str, column: int | None = None) -> None:
        self.entries.append((path, reason, column))

    def problems(self, content: object, is_unknown: Callable[[object], bool]) -> list[Problem]:
        if not self.entries:
            return []
        lines, where = _render(content, is_unknown)
        return [_problem(path, reason, column, lines, where) for path, reason, column in self.entries]


def render(content: object, is_unknown: Callable[[object], bool] = lambda value: False) -> str:
    """The manifest as the text whose lines the problems count."""
    return "\n".join(_render(content, is_unknown)[0])


def dotted(path: Iterable[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _problem(path: Path, reason: str, column: int | None, lines: Sequence[str], where: Mapping[Path, int]) -> Problem:
    known = path
    while known not in where:  # a missing key has no line of its own: its parent's is the place to write it
        known = known[:-1]
    line = where[known]
    text = None if _QUIET.intersection(map(str, path)) else lines[line - 1].strip()
    return Problem(dotted(path), reason, line, column, text)


def _render(content: object, is_unknown: Callable[[object], bool]) -> tuple[list[str], dict[Path, int]]:
    lines: list[str] = []
    where: dict[Path, int] = {}

    def write(value: object, path: Path, lead: str, tail: str, indent: str) -> None:
        where[path] = len(lines) + 1
        if isinstance(value, Mapping) and value:
            lines.append(f"{indent}{lead}{{")
            last = len(value) - 1
            for index, (key, item) in enumerate(value.items()):
                write(item, (*path, str(key)), f"{json.dumps(str(key))}: ", "," if index < last else "", indent + "  ")
            lines.append(f"{indent}}}{tail}")
        elif isinstance(value, list) and value:
            lines.append(f"{indent}{lead}[")
            for index, item in enumerate(value):
                write(item, (*path, index), "", "," if index < len(value) - 1 else "", indent + "  ")
            lines.append(f"{indent}]{tail}")
        else:
            text = '"<not known yet>"' if is_unknown(value) else json.dumps(value, default=repr, ensure_ascii=False)
            lines.append(f"{indent}{lead}{text}{tail}")

    write(content, (), "", "", "")
    return lines, where
