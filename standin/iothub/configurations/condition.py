"""Target conditions: which devices an automatic deployment is for.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from standin.iothub.query.evaluation import matches
from standin.iothub.query.parser import parse_expression
from standin.iothub.query.syntax import Binary, Expression, IsDefined, Logical, Membership, Negative, Not, Path
from standin.iothub.query.tokens import QuerySyntaxError

_ROOTS = "tags.*, deviceId and properties.reported.*"


@dataclass(frozen=True, slots=True)
class TargetCondition:
    """`text` is empty for a condition that targets nobody, `*` for all."""

    text: str
    expression: Expression | None

    def targets(self, device: Mapping[str, Any]) -> bool:
        if self.expression is None:
            return self.text == "*"
        return matches(self.expression, device)

    @property
    def looks_at_reported(self) -> bool:
        return any(path.names[0] == "properties" for path in paths(self.expression))


def parse_condition(text: str) -> TargetCondition:
    """Raises QuerySyntaxError naming the position."""
    text = text.strip()
    if text in ("", "*"):
        return TargetCondition(text, None)
    expression = parse_expression(text)
    for path in paths(expression):
        _check_path(path)
    return TargetCondition(text, expression)


def _check_path(path: Path) -> None:
    match path.names:
        case ("deviceId",) | ("tags", _, *_) | ("properties", "reported", _, *_):
            return
    raise QuerySyntaxError(f"A target condition cannot look at {path.text!r}, allowed are {_ROOTS}", path.position)


def paths(expression: Expression | None) -> Iterator[Path]:
    match expression:
        case Path():
            yield expression
        case IsDefined(path):
            yield path
        case Not(operand) | Negative(operand) | Membership(operand, _, _):
            yield from paths(operand)
        case Binary(_, left, right):
            yield from paths(left)
            yield from paths(right)
        case Logical(_, operands):
            for operand in operands:
                yield from paths(operand)
