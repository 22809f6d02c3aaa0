"""The WHERE of a route, parsed and typed as edgeHub does it, tightest first:

unary - and NOT; * / %; + - ||; < <= > >=; = != <>; AND; OR; ??
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/Condition.g4
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from edge.manifest.routes import names
from edge.manifest.routes.advice import Operand, binary_fault, call_fault, unary_fault
from edge.manifest.routes.lexer import RouteSyntaxError, Token
from edge.manifest.routes.types import COMPARISONS, FUNCTIONS, Type, of_binary, of_unary, takes
from edge.manifest.routes.wording import instead_of, never, no_function, no_value, signature, wrong_question

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("??",),
    ("OR",),
    ("AND",),
    ("=", "!=", "<>"),
    ("<", "<=", ">", ">="),
    ("+", "-", "||"),
    ("*", "/", "%"),
)
_DEEPEST = 10
"""Each pair of parentheses takes edgeHub's parser about 1.4 times as long: some dozens, and it does not end."""
_LITERALS = {
    "string": Type.STRING,
    "integer": Type.NUMBER,
    "true": Type.BOOL,
    "false": Type.BOOL,
    "null": Type.NULL,
    "undefined": Type.UNDEFINED,
}
_LARGEST_HEX = 2**64 - 1


class ConditionParser:
    """Reads one condition from `tokens[at]` of `source`; `parse` gives the position after it.

    Raises RouteSyntaxError for what edgeHub refuses; `lints` are for what it accepts and takes otherwise than it
    looks."""

    def __init__(self, source: str, tokens: Sequence[Token], at: int) -> None:
        self.source = source
        self.tokens = tokens
        self.at = at
        self.lints: list[tuple[str, int]] = []
        self._depth = 0

    def parse(self) -> int:
        whole = self._level(0)
        if whole.type in (Type.STRING, Type.NUMBER) and whole.form != "literal" and not self.lints:
            self.lints.append((never(whole), whole.column))
        return self.at

    @property
    def _now(self) -> Token:
        return self.tokens[self.at]

    def _take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    @contextmanager
    def _nested(self, column: int) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RouteSyntaxError(f"nested deeper than {_DEEPEST}: whether edgeHub gets through is not known", column)
        yield
        self._depth -= 1

    def _operand(self, type_: Type, first: Token, trap: str | None = None, form: str = "other") -> Operand:
        text = self.source[first.column - 1 : self.tokens[self.at - 1].end]
        return Operand(type_, form, text, first.column, trap)  # type: ignore[arg-type]  # one of Form's words

    def _level(self, level: int) -> Operand:
        if level == len(_LEVELS):
            return self._unary()
        first = self._now
        left = self._level(level + 1)
        while self._now.kind in ("operator", "keyword") and self._now.text.upper() in _LEVELS[level]:
            token = self._take()
            operator = token.text.upper()
            right = self._level(level + 1)
            result = of_binary(operator, left.type, right.type)
            if result is None:
                raise RouteSyntaxError(binary_fault(operator, left, right), token.column)
            form = "comparison" if operator in COMPARISONS else "body" if result is Type.BODY else "other"
            left = self._operand(result, first, left.trap or right.trap, form)
        return left

    def _unary(self) -> Operand:
        token = self._now
        if not (token.is_keyword("NOT") or token.is_operator("-")):
            return self._primary()
        self._take()
        with self._nested(token.column):
            operand = self._unary()
        operator = token.text.upper()
        result = of_unary(operator, operand.type)
        compared_by = self._now.text if self._now.is_operator(*COMPARISONS) else None
        if result is None:
            raise RouteSyntaxError(unary_fault(operator, operand, compared_by), token.column)
        if compared_by and operator == "NOT":
            self.lints.append(
                (f"NOT binds tighter than {compared_by}: write NOT (... {compared_by} ...)", token.column)
            )
        return self._operand(result, token, operand.trap, "negation" if operator == "NOT" else "other")

    def _primary(self) -> Operand:
        token = self._take()
        if token.is_operator("("):
            return self._parenthesised(token)
        if token.is_operator("{"):
            return self._escaped(token)
        if token.kind == "name":
            return self._call(token) if self._now.is_operator("(") else self._name(token, token)
        if token.kind == "system":
            return self._name(token, token)
        literal = self._literal(token)
        if literal is None:
            raise RouteSyntaxError(no_value(token, self.source), token.column)
        return literal

    def _literal(self, token: Token) -> Operand | None:
        found = _LITERALS.get(token.text if token.kind == "constant" else token.kind)
        if token.kind == "hex":
            found = Type.NUMBER if int(token.text, 16) <= _LARGEST_HEX else Type.UNDEFINED
        trap = None
        if token.kind == "real":
            found = Type.NUMBER
            if not token.text.lstrip("-")[:1].isdigit() and "." not in token.text:  # e5
                found = Type.UNDEFINED
                trap = f"edgeHub reads {token.text} as a number: a property of this name cannot be asked for"
                self.lints.append((trap, token.column))
        return None if found is None else self._operand(found, token, trap, "literal")

    def _parenthesised(self, opening: Token) -> Operand:
        with self._nested(opening.column):
            inner = self._level(0)
        self._closing(opening)
        return self._operand(inner.type, opening, inner.trap, inner.form)

    def _escaped(self, opening: Token) -> Operand:
        name = self._take()
        if name.kind != "system" or not self._take().is_operator("}"):
            raise RouteSyntaxError(
                "braces hold one system property or path into the body: {$contentType}", opening.column
            )
        return self._name(name, opening)

    def _name(self, token: Token, first: Token) -> Operand:
        name = token.text
        trap = names.trap(name, is_escaped=first is not token)
        is_body = name.lower().startswith(names.BODY)
        if is_body:
            path = name[len(names.BODY) :]
            fault = names.body_fault(path)
            if fault:
                raise RouteSyntaxError(f"edgeHub refuses it: {fault}", token.column)
            trap = trap or names.body_trap(path)
        if trap:
            self.lints.append((trap, token.column))
        trap = trap or names.suspicion(name)
        if not is_body and any(bracket in name for bracket in "[]"):
            return self._operand(Type.UNDEFINED, first, trap)
        return self._operand(Type.BODY if is_body else Type.STRING, first, trap, "body" if is_body else "property")

    def _closing(self, opening: Token) -> None:
        token = self._take()
        if not token.is_operator(")"):
            raise RouteSyntaxError(f"the ( at column {opening.column} is not closed{instead_of(token)}", token.column)

    def _call(self, name: Token) -> Operand:
        function = FUNCTIONS.get(name.text.lower())
        if function is None:
            raise RouteSyntaxError(no_function(name), name.column)
        arguments = self._arguments()
        if not takes(function, [argument.type for argument in arguments]):
            are_numbers = any(way == (Type.NUMBER,) * len(arguments) for way in function.takes)
            wanted = signature(name.text, function)
            raise RouteSyntaxError(call_fault(name.text, arguments, wanted, are_numbers), name.column)
        if name.text.lower() in ("is_null", "is_defined") and arguments[0].type is Type.BODY:
            self.lints.append((wrong_question(name.text, arguments[0]), name.column))
        return self._operand(function.gives, name)

    def _arguments(self) -> list[Operand]:
        opening = self._take()
        arguments: list[Operand] = []
        with self._nested(opening.column):
            while not self._now.is_operator(")"):
                if arguments and not self._take().is_operator(","):
                    self.at -= 1
                    break
                arguments.append(self._level(0))
        self._closing(opening)
        return arguments
