"""Why a target condition is refused, and where."""

from __future__ import annotations


class ConditionSyntaxError(ValueError):
    """`column` counts from 1 in the condition."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(f"column {column}: {reason}")
        self.reason = reason
        self.column = column
