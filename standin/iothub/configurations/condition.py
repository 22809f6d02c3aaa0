"""Target conditions: which devices an automatic deployment is for.

Read by the parser of queries, and then held to what is documented for conditions, which is less: no IN, no arithmetic,
no function but IS_DEFINED, a property before its value. What a condition may say that is true of no device at all is
refused too: this hub would rather tell than target nobody.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition
https://github.com/Azure/azure-iot-cli-extension/issues/490
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from standin.iothub.configurations.condition_words import check_words
from standin.iothub.query.evaluation import matches
from standin.iothub.query.parser import QUERY_LIMIT, parse_expression
from standin.iothub.query.syntax import Binary, Constant, Expression, IsDefined, Logical, Negative, Not, Path
from standin.iothub.query.tokens import QuerySyntaxError
from standin.iothub.twins.limits import DEPTH, INTEGERS, VALUE_BYTES

EDGE_DEVICES = "select deviceId from devices where capabilities.iotEdge = true"
_DEVICE_ID_LENGTH = 128
_EQUALITIES = ("=", "!=")
_COMPARISONS = (*_EQUALITIES, "<", "<=", ">", ">=")


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
        return any(path.names[0] == "properties" for path in _paths(self.expression))


def parse_condition(text: str) -> TargetCondition:
    """Raises QuerySyntaxError naming the position."""
    stripped = text.strip(" \t\r\n")
    if stripped in ("", "*"):
        return TargetCondition(stripped, None)
    if len(f"{EDGE_DEVICES} and {text}") > QUERY_LIMIT:
        message = f"The hub's own query with it has {QUERY_LIMIT} characters at most, the condition has {len(text)}"
        raise QuerySyntaxError(message, len(text))
    check_words(text)
    expression = parse_expression(text)
    _check(expression)
    return TargetCondition(stripped, expression)


def _check(expression: Expression) -> None:
    match expression:
        case Logical(_, operands):
            for operand in operands:
                _check(operand)
        case Not(operand):
            _check(operand)
        case IsDefined(path):
            _check_path(path)
        case Binary(operator, Path() as path, Constant(value)) if operator in _COMPARISONS:
            _check_path(path)
            _check_value(path, operator, value)
        case Binary(operator, Path() as path, Negative(Constant(value))) if operator in _COMPARISONS:
            _check_path(path)
            _check_value(path, operator, -value)
        case _:
            _refuse("Only <property> <comparison> <value> and IS_DEFINED(<property>) can stand in it", expression)


def _check_path(path: Path) -> None:
    match path.names:
        case ("deviceId",):
            return
        case ("tags", _, *_) if len(path.names) <= 1 + DEPTH:
            return
        case ("properties", "reported", _, *_) if len(path.names) <= 2 + DEPTH:
            return
    message = (
        "Invalid targetCondition. It must be a filter condition based on 'deviceId', 'tags', or "
        f"'properties.reported'. It contains: {path.text}"
    )
    raise QuerySyntaxError(message, path.position)


def _check_value(path: Path, operator: str, value: Any) -> None:
    what = "text in ' ', a number, true or false"
    if isinstance(value, bool):
        good = operator in _EQUALITIES and path.names != ("deviceId",)
    elif isinstance(value, (int, float)):
        good, what = INTEGERS[0] <= value <= INTEGERS[1] and path.names != ("deviceId",), f"{what}; numbers of a twin"
    elif isinstance(value, str):
        fits = path.names != ("deviceId",) or operator != "=" or 1 <= len(value) <= _DEVICE_ID_LENGTH
        good, what = fits and len(value.encode()) <= VALUE_BYTES, f"{what}; text as long as a twin's"
    else:
        good = False
    if not good:
        raise QuerySyntaxError(f"{path.text} {operator} such a value is true of no device ({what})", path.position)


def _refuse(message: str, expression: Expression) -> NoReturn:
    raise QuerySyntaxError(message, next((path.position for path in _paths(expression)), 0))


def _paths(expression: Expression | None) -> Iterator[Path]:
    """In what a condition may be made of; a refused one may have others."""
    parts: Sequence[Expression] = ()
    match expression:
        case Path():
            yield expression
        case IsDefined(path):
            yield path
        case Not(operand) | Negative(operand):
            parts = (operand,)
        case Binary(_, left, right):
            parts = (left, right)
        case Logical(_, operands):
            parts = operands
    for part in parts:
        yield from _paths(part)
