"""What the seeds came to, kept between runs, as one table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path

from tests.kills.play import Outcome

_HEAD = ("what", "command", "tried", "hit", "converged", "median s", "max s", "sent", "lost", "orphans")


class Results:
    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, outcome: Outcome) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps(outcome.row()) + "\n")

    def all(self) -> list[Outcome]:
        """The last outcome of each seed."""
        if not self._file.exists():
            return []
        rows = [Outcome(**json.loads(line)) for line in self._file.read_text().splitlines()]
        return list({(one.kind, one.seed): one for one in rows}.values())

    def good(self, kind: str) -> set[int]:
        return {one.seed for one in self.all() if one.kind == kind and one.hit and one.is_good}


def table(outcomes: Sequence[Outcome]) -> list[str]:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault((one.process if one.kind == "kill" else one.kind, one.command), []).append(one)
    rows = [_row(*name, group) for name, group in sorted(groups.items())]
    if len(rows) > 1:
        rows.append(_row("all", "", outcomes))
    widths = [max(len(row[column]) for row in [_HEAD, *rows]) for column in range(len(_HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [_HEAD, *rows]]


def _row(what: str, command: str, group: Sequence[Outcome]) -> tuple[str, ...]:
    took = [one.converge_s for one in group]
    counts = (len(group), sum(one.hit for one in group), sum(one.converged for one in group))
    sums = (sum(one.sent for one in group), sum(len(one.lost) for one in group), sum(len(one.orphans) for one in group))
    seconds = (f"{statistics.median(took):.0f}", f"{max(took):.0f}")
    return (what, command, *map(str, counts), *seconds, *map(str, sums))
