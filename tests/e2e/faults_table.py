"""The table that `make e2e-faults` ends with: one row a fault, with what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class FaultsTable:
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, fault: str, outcome: str, cost: str) -> None:
        self.rows.append((fault, outcome, cost))

    def lines(self) -> list[str]:
        if not self.rows:
            return []
        head = ("fault", "outcome", "cost")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(3)]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *self.rows]
        ]


TABLE = FaultsTable()
