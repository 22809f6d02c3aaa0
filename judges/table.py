"""The judges' table: a line a client."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from judges.verdicts import FAILED, PASSED, REFUSED, Verdict

_OUTCOMES = (PASSED, REFUSED, FAILED)
_HEADS = ("client", "tried", "passed", "refused as documented", "failed")


@dataclass(frozen=True)
class Line:
    client: str
    counts: tuple[int, int, int]

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.client, str(sum(self.counts)), *map(str, self.counts))


def lines(verdicts: Sequence[Verdict]) -> list[Line]:
    """With all of them together at the end."""
    clients = list(dict.fromkeys(one.client for one in verdicts))
    return [_line(client, [one for one in verdicts if one.client == client]) for client in clients] + [
        _line("all", verdicts)
    ]


def _line(client: str, verdicts: Iterable[Verdict]) -> Line:
    outcomes = [one.outcome for one in verdicts]
    passed, refused, failed = (outcomes.count(outcome) for outcome in _OUTCOMES)
    return Line(client, (passed, refused, failed))


def text(verdicts: Sequence[Verdict]) -> str:
    table = [_HEADS, *(line.cells for line in lines(verdicts))]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in table)
    )


def document(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """For `--json`: the counts, and each operation."""
    return {
        "clients": [
            {"client": line.client, "tried": sum(line.counts), **dict(zip(_OUTCOMES, line.counts, strict=True))}
            for line in lines(verdicts)
        ],
        "operations": [asdict(one) for one in verdicts],
    }
