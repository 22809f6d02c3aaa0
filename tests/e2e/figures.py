"""The table that the end-to-end tests end with: what was done, how it ended, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Figures:
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, outcome: str, cost: str) -> None:
        self.rows.append((what, outcome, cost))

    def lines(self) -> list[str]:
        if not self.rows:
            return []
        head = ("what", "outcome", "cost")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(3)]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *self.rows]
        ]


TABLE = Figures()
