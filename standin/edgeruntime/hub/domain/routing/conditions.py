"""Conditions: tokens to a function of the message. Tightest first: unary `-` and `NOT`, `* / %`, `+ - ||`, `< <= > >=`,
`= != <>`, `AND`, `OR`, `??`. Operand types that can never fit are refused here, as edgeHub refuses them.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/Condition.g4
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/ConditionVisitor.cs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.routing import functions, lookups, operators
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.lexer import Token, unescape
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, Value, constant

_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"??"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!=", "<>"}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-", "||"}),
    frozenset({"*", "/", "%"}),
)


DEEPEST = 50
"""Ours, not Azure's: there a parser slows down long before."""

Evaluate = Callable[[Message], Value]


class Reader:
    """A cursor over tokens, for the route's parser and the condition's."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @contextmanager
    def nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise RouteError(f"nested deeper than {DEEPEST} at position {self.next.at}")
        yield
        self._depth -= 1

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def takes(self, kind: str, text: str | None = None) -> bool:
        if self.next.kind == kind and (text is None or self.next.text == text):
            self._at += 1
            return True
        return False

    def expect(self, kind: str, what: str, text: str | None = None) -> Token:
        token = self.next
        if not self.takes(kind, text):
            raise unexpected(what, token)
        return token


def unexpected(expected: str, token: Token) -> RouteError:
    if token.kind == "unterminated":
        return RouteError(f"Syntax error: unterminated string {token.text!r} at position {token.at}")
    if token.kind == "unknown":
        return RouteError(f"Syntax error: invalid symbol {token.text!r} at position {token.at}")
    text = repr(token.text) if token.text else "the end"
    return RouteError(f"Syntax error: expected {expected}, found {text} at position {token.at}")


def parse(reader: Reader) -> Node:
    return _binary(reader, 0)


def _binary(reader: Reader, level: int) -> Node:
    if level == len(_LEVELS):
        return _unary(reader)
    left = _binary(reader, level + 1)
    kind, steps = left.kind, []
    while _operator(reader.next) in _LEVELS[level]:
        operator = _operator(reader.take())
        right = _binary(reader, level + 1)
        kind, combine = operators.binary(operator, kind, right.kind)
        steps.append((combine, right.value))
    return Node(kind, _chain(left.value, steps)) if steps else left


def _chain(first: Evaluate, steps: list[tuple[operators.Combine, Evaluate]]) -> Evaluate:
    """A loop, not one call in another: a chain may be as long as a route."""
    if len(steps) == 1:
        ((only, second),) = steps
        return lambda message: only(first(message), second(message))

    def value(message: Message) -> Value:
        result = first(message)
        for combine, right in steps:
            result = combine(result, right(message))
        return result

    return value


def _operator(token: Token) -> str:
    return token.kind if token.kind in ("and", "or") else token.text if token.kind == "op" else ""


def _unary(reader: Reader) -> Node:
    if not (reader.next.kind == "not" or (reader.next.kind == "op" and reader.next.text == "-")):
        return _primary(reader)
    operator = reader.take()
    with reader.nested():
        operand = _unary(reader)
    return operators.negation(operand) if operator.kind == "not" else operators.minus(operand)


def _primary(reader: Reader) -> Node:
    token = reader.take()
    match token.kind:
        case "string":
            return constant(Kind.STRING, unescape(token.text))
        case "integer" | "real":
            return _number(token.text)
        case "hex":
            return _hex(token.text)
        case "true" | "false":
            return constant(Kind.BOOL, token.kind == "true")
        case "null":
            return constant(Kind.NULL, None)
        case "undefined":
            return constant(Kind.UNDEFINED, UNDEFINED)
        case "system":
            return lookups.dollar(token.text)
        case "id":
            return _call(reader, token) if reader.takes("op", "(") else lookups.application(token.text)
        case "op" if token.text == "(":
            with reader.nested():
                inner = parse(reader)
            reader.expect("op", "')'", ")")
            return inner
        case "brace" if token.text == "{":
            name = reader.expect("system", "a system property")
            reader.expect("brace", "'}'", "}")
            return lookups.escaped(name.text)
    raise unexpected("a value", token)


def _number(text: str) -> Node:
    try:
        return constant(Kind.NUMBER, float(text))
    except ValueError:  # the lexer takes `e5` for a number, as the original does, which then is undefined
        return constant(Kind.UNDEFINED, UNDEFINED)


def _hex(text: str) -> Node:
    """A signed number of 64 bits; what is longer is undefined."""
    number = int(text, 16)
    if number >= 2**64:
        return constant(Kind.UNDEFINED, UNDEFINED)
    return constant(Kind.NUMBER, float(number if number < 2**63 else number - 2**64))


def _call(reader: Reader, name: Token) -> Node:
    args: list[Node] = []
    with reader.nested():
        if not reader.takes("op", ")"):
            args.append(parse(reader))
            while reader.takes("op", ","):
                args.append(parse(reader))
            reader.expect("op", "')'", ")")
    return functions.call(name.text, args)
