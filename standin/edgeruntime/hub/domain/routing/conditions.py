"""Conditions: tokens to a function of the message. Tightest first: unary `-` and `NOT`, `* / %`, `+ - ||`, `< <= > >=`,
`= != <>`, `AND`, `OR`, `??`. Operand types that can never fit are refused here, as edgeHub refuses them.

https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/Condition.g4
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/ConditionVisitor.cs
"""

from __future__ import annotations

from standin.edgeruntime.hub.domain.routing import functions, lookups, operators
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.lexer import Token, unescape
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, constant

_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"??"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!=", "<>"}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-", "||"}),
    frozenset({"*", "/", "%"}),
)


class Reader:
    """A cursor over tokens, for the route's parser and the condition's."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

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
    text = repr(token.text) if token.text else "the end"
    return RouteError(f"Syntax error: expected {expected}, found {text} at position {token.at}")


def parse(reader: Reader) -> Node:
    return _binary(reader, 0)


def _binary(reader: Reader, level: int) -> Node:
    if level == len(_LEVELS):
        return _unary(reader)
    left = _binary(reader, level + 1)
    while _operator(reader.next) in _LEVELS[level]:
        operator = _operator(reader.take())
        left = operators.binary(operator, left, _binary(reader, level + 1))
    return left


def _operator(token: Token) -> str:
    return token.kind if token.kind in ("and", "or") else token.text if token.kind == "op" else ""


def _unary(reader: Reader) -> Node:
    if reader.takes("not"):
        return operators.negation(_unary(reader))
    if reader.takes("op", "-"):
        return operators.minus(_unary(reader))
    return _primary(reader)


def _primary(reader: Reader) -> Node:
    token = reader.take()
    match token.kind:
        case "string":
            return constant(Kind.STRING, unescape(token.text))
        case "integer" | "real":
            return _number(token.text)
        case "hex":
            return constant(Kind.NUMBER, float(int(token.text, 16)))
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


def _call(reader: Reader, name: Token) -> Node:
    if name.text.lower() == "twin_change_includes":
        path = ""
        while not reader.takes("op", ")"):
            path += reader.expect("id", "a path").text
        return lookups.twin_change_includes(path)
    args: list[Node] = []
    if not reader.takes("op", ")"):
        args.append(parse(reader))
        while reader.takes("op", ","):
            args.append(parse(reader))
        reader.expect("op", "')'", ")")
    return functions.call(name.text, args)
