"""Writes docs/architecture.svg: the rooms of this repository, what each imports, and three ways through them.

    python -m tools.architecture            from the repository's root; tests/docs/test_architecture.py compares

Imports are those that the code has (import-linter's own graph, grimp). Where a room stands and what it is called is
written in architecture.toml. The script stops at a package that no room holds, a room that no package holds, an import
that goes up, and a step of a way whose file is not there.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
PLAN = Path(__file__).with_name("architecture.toml")

_CELL, _GAP_X, _ROW, _GAP_Y, _MARGIN = 158, 18, 92, 40, 20
_LETTER = 5.0  # average width of one in a room's smallest text
_STEP_HEIGHT, _STEP_GAP = 62, 22
_TITLE = "The rooms: each imports only rooms below it, and names them"
_BLUE, _INK, _SOFT = "#3b5b8c", "#1d2b40", "#5a6678"


@dataclass(frozen=True, kw_only=True)
class Room:
    """One box of the map. `packages` are importable names; the longest that fits a module owns it."""

    name: str
    says: str
    packages: tuple[str, ...]
    column: float
    row: float
    width: float = 1
    fill: str = "#fff"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width, height in the picture's units."""
        x = _MARGIN + self.column * (_CELL + _GAP_X)
        width = self.width * _CELL + (self.width - 1) * _GAP_X
        return x, _MARGIN + 30 + self.row * (_ROW + _GAP_Y), width, _ROW


@dataclass(frozen=True, kw_only=True)
class Step:
    file: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Way:
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    rooms: tuple[Room, ...]
    ways: tuple[Way, ...]


class PlanError(Exception):
    """The plan and the code disagree: names the room, package or file."""


def read_plan(text: str) -> Plan:
    document: Mapping[str, Any] = tomllib.loads(text)
    rooms = tuple(Room(**{**room, "packages": tuple(room["packages"])}) for room in document["room"])
    ways = tuple(
        Way(title=way["title"], steps=tuple(Step(file=file, says=says) for file, says in way["steps"]))
        for way in document["way"]
    )
    return Plan(rooms=rooms, ways=ways)


def packages_of_the_tree(root: Path) -> list[str]:
    """Top-level packages, without the tests: what the map must hold."""
    return sorted(path.parent.name for path in root.glob("*/__init__.py") if path.parent.name != "tests")


def check(plan: Plan, root: Path) -> None:
    held = {package.partition(".")[0] for room in plan.rooms for package in room.packages}
    if homeless := set(packages_of_the_tree(root)) - held:
        raise PlanError(f"in no room of {PLAN.name}: {', '.join(sorted(homeless))}")
    for room in plan.rooms:
        for package in room.packages:
            path = root.joinpath(*package.split("."))
            if not path.is_dir() and not path.with_suffix(".py").is_file():
                raise PlanError(f"room {room.name!r}: there is no {package}")
    for way in plan.ways:
        for step in way.steps:
            if not (root / step.file).exists():
                raise PlanError(f"{way.title!r}: there is no {step.file}")


def room_of(module: str, rooms: Iterable[Room]) -> Room | None:
    """The room with the longest package that holds the module."""
    fits = [
        (len(package), room)
        for room in rooms
        for package in room.packages
        if module == package or module.startswith(f"{package}.")
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def imports_between(plan: Plan, root: Path) -> dict[tuple[str, str], int]:
    """(room, room that it imports) -> number of imports."""
    graph = grimp.build_graph(*packages_of_the_tree(root), cache_dir=None)
    counts: dict[tuple[str, str], int] = {}
    for importer in graph.modules:
        source = room_of(importer, plan.rooms)
        for imported in graph.find_modules_directly_imported_by(importer):
            target = room_of(imported, plan.rooms)
            if source and target and source != target:
                counts[source.name, target.name] = counts.get((source.name, target.name), 0) + 1
    return dict(sorted(counts.items()))


def check_order(plan: Plan, arrows: Iterable[tuple[str, str]]) -> None:
    """The rows are layers: an import goes down."""
    rows = {room.name: room.row for room in plan.rooms}
    for source, target in arrows:
        if rows[target] <= rows[source]:
            raise PlanError(f"room {source!r} imports {target!r}, which does not stand below it")


def picture(plan: Plan, arrows: Mapping[tuple[str, str], int]) -> str:
    width = max(x + w for x, _, w, _ in (room.box for room in plan.rooms)) + _MARGIN
    top = max(y + h for _, y, _, h in (room.box for room in plan.rooms)) + 46
    strips = [_strip(way, top + index * (_STEP_HEIGHT + 50), width) for index, way in enumerate(plan.ways)]
    height = top + len(plan.ways) * (_STEP_HEIGHT + 50) - 14
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        'font-family="Helvetica, Arial, sans-serif" role="img" '
        'aria-label="The rooms of edgeway, and ways through them">',
        '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" '
        f'orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" fill="{_SOFT}"/></marker></defs>',
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
        _text(_MARGIN, 26, _TITLE, size=15, anchor="start", fill=_BLUE, bold=True),
        *_arrows(plan, arrows),
        *(_room(room, [target for source, target in arrows if source == room.name]) for room in plan.rooms),
        *(line for strip in strips for line in strip),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _room(room: Room, imports: Sequence[str]) -> str:
    x, y, width, height = room.box
    middle = x + width / 2
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7" fill="{room.fill}" stroke="{_BLUE}" '
        'stroke-width="1.5"/>'
    )
    says = [
        _text(middle, y + 33 + 13 * index, line, size=10, fill=_SOFT) for index, line in enumerate(_lines(room.says))
    ]
    listed = _wrapped(imports, int(width / _LETTER))
    names = [
        _text(middle, y + height - 7 - 11 * (len(listed) - 1 - index), line, size=9, fill=_BLUE)
        for index, line in enumerate(listed)
    ]
    return box + _text(middle, y + 18, room.name, size=12.5, fill=_INK, bold=True) + "".join((*says, *names))


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _wrapped(names: Sequence[str], width: int) -> list[str]:
    """What a room imports, in lines that fit its box."""
    return textwrap.wrap(f"imports {', '.join(names)}", width) if names else ["imports none of ours"]


def _arrows(plan: Plan, arrows: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Between neighbouring rows only: a longer one would pass behind rooms. Each room names all that it imports."""
    rooms = {room.name: room for room in plan.rooms}
    drawn = [pair for pair in arrows if rooms[pair[1]].row - rooms[pair[0]].row == 1]
    leaving, arriving = _ports(drawn, rooms, 0), _ports(drawn, rooms, 1)
    for pair in drawn:
        yield _arrow(rooms[pair[0]], rooms[pair[1]], leaving[pair], arriving[pair])


def _ports(pairs: Sequence[tuple[str, str]], rooms: Mapping[str, Room], end: int) -> dict[tuple[str, str], float]:
    """Where on its box each arrow ends, as a share of the width: side by side, in the order of the other ends."""
    shares: dict[tuple[str, str], float] = {}
    for name in rooms:
        mine = sorted((pair for pair in pairs if pair[end] == name), key=lambda pair: rooms[pair[1 - end]].column)
        shares |= {pair: (index + 1) / (len(mine) + 1) for index, pair in enumerate(mine)}
    return shares


def _arrow(source: Room, target: Room, leaves_at: float, arrives_at: float) -> str:
    x1, y1, w1, h1 = source.box
    x2, y2, w2, _ = target.box
    start, end = x1 + w1 * leaves_at, x2 + w2 * arrives_at
    return _path(f"M{start:g} {y1 + h1:g} C{start:g} {y1 + h1 + 26:g} {end:g} {y2 - 26:g} {end:g} {y2:g}")


def _strip(way: Way, top: float, width: float) -> Iterator[str]:
    """A way as boxes side by side, in the order of its steps."""
    room = (width - 2 * _MARGIN + _STEP_GAP) / len(way.steps)
    yield _text(_MARGIN, top, way.title, size=15, anchor="start", fill=_BLUE, bold=True)
    for index, step in enumerate(way.steps):
        x, y = _MARGIN + index * room, top + 12
        if index:
            yield _path(f"M{x - _STEP_GAP:g} {y + _STEP_HEIGHT / 2:g} L{x - 2:g} {y + _STEP_HEIGHT / 2:g}")
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{room - _STEP_GAP:g}" height="{_STEP_HEIGHT}" rx="7" '
            'fill="#fff8ec" stroke="#c98a1b" stroke-width="1.2"/>'
        )
        folder, _, name = step.file.rpartition("/")
        middle = x + (room - _STEP_GAP) / 2
        yield _text(middle, y + 15, f"{folder}/", size=9, fill=_SOFT)
        yield _text(middle, y + 30, name, size=11, fill=_INK, bold=True)
        for line, words in enumerate(step.says.split("\n")):
            yield _text(middle, y + 44 + 12 * line, words, size=9.5, fill=_SOFT)


def _text(x: float, y: float, words: str, *, size: float, fill: str, anchor: str = "middle", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _path(data: str) -> str:
    return f'<path d="{data}" stroke="{_SOFT}" stroke-width="1.2" fill="none" marker-end="url(#a)"/>'


def draw(root: Path = ROOT) -> str:
    plan = read_plan(PLAN.read_text(encoding="utf-8"))
    check(plan, root)
    arrows = imports_between(plan, root)
    check_order(plan, arrows)
    return picture(plan, arrows)


def main() -> None:
    PICTURE.write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
