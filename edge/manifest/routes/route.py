"""Routes of an edge hub: a typed route, its expression's parser, and the lints for what edgeHub accepts but misreads.

Grammar: Azure/iotedge edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/grammar/{Route,Condition}.g4
    route : [SELECT *] FROM path [WHERE condition] INTO ($upstream | BrokeredEndpoint("/modules/<m>/inputs/<in>"))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.manifest.routes.condition import ConditionParser
from edge.manifest.routes.lexer import RouteSyntaxError, Token, lex
from edge.manifest.routes.wording import instead_of

UPSTREAM = "$upstream"
_SOURCES = (
    "/*, /twinChangeNotifications, /messages/*, /messages/modules/*, /messages/modules/<m>/*, "
    "/messages/modules/<m>/outputs/*, /messages/modules/<m>/outputs/<o>"
)
_SINKS = f'{UPSTREAM} or BrokeredEndpoint("/modules/<m>/inputs/<in>")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route as a manifest holds it. Priority 0 is the most urgent of 0..9."""

    expression: str
    priority: int | None = None
    time_to_live_seconds: int | None = None

    def content(self) -> str | dict[str, str | int]:
        if self.priority is None and self.time_to_live_seconds is None:
            return self.expression
        value: dict[str, str | int] = {"route": self.expression}
        if self.priority is not None:
            value["priority"] = self.priority
        if self.time_to_live_seconds is not None:
            value["timeToLiveSecs"] = self.time_to_live_seconds
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a route says. `sink_module` is None for $upstream; `source_module` None for sources of no one module."""

    source: str
    source_module: str | None
    condition: str | None
    sink_module: str | None
    sink_input: str | None


@dataclass(frozen=True, slots=True)
class Lint:
    reason: str
    column: int


@dataclass(slots=True)
class _Cursor:
    source: str
    all: Sequence[Token]
    at: int = 0
    lints: list[Lint] = field(default_factory=list)

    @property
    def now(self) -> Token:
        return self.all[self.at]

    def take(self) -> Token:
        token = self.all[self.at]
        self.at = min(self.at + 1, len(self.all) - 1)
        return token

    def lint(self, reason: str, column: int) -> None:
        self.lints.append(Lint(reason, column))


def output_to_input(source: tuple[str, str], sink: tuple[str, str], *, where: str | None = None) -> str:
    """The expression that hands the module output `source` to the module input `sink`."""
    condition = f" WHERE {where}" if where else ""
    return (
        f"FROM /messages/modules/{source[0]}/outputs/{source[1]}{condition} "
        f'INTO BrokeredEndpoint("/modules/{sink[0]}/inputs/{sink[1]}")'
    )


def output_to_upstream(source: tuple[str, str], *, where: str | None = None) -> str:
    condition = f" WHERE {where}" if where else ""
    return f"FROM /messages/modules/{source[0]}/outputs/{source[1]}{condition} INTO {UPSTREAM}"


def parse_route(expression: str) -> tuple[Parsed, list[Lint]]:
    """Raises RouteSyntaxError for what edgeHub refuses; lints are for what it accepts and takes otherwise than it
    looks."""
    lexed = lex(expression)
    cursor = _Cursor(expression, lexed.tokens)
    swallowed = next((found for comment in lexed.comments if (found := _swallowed(comment))), None)
    try:
        parsed = _parse(cursor)
    except RouteSyntaxError:
        if swallowed:
            raise RouteSyntaxError(swallowed.reason, swallowed.column) from None
        raise
    return parsed, [swallowed, *cursor.lints] if swallowed else cursor.lints


def _parse(cursor: _Cursor) -> Parsed:
    if cursor.now.is_keyword("SELECT"):
        cursor.take()
        star = cursor.take()
        if star.text != "*":
            raise RouteSyntaxError(f"SELECT takes *, not {star.shown}", star.column)
    _keyword(cursor, "FROM", "a route begins with FROM (or SELECT * FROM)")
    source, module = _source(cursor)
    condition = _condition(cursor)
    _keyword(cursor, "INTO", "WHERE or INTO is wanted after the source" if condition is None else "INTO is wanted here")
    sink = _sink(cursor)
    if cursor.now.kind != "end":
        cursor.lint(f"nothing may follow the sink: edgeHub does not read {cursor.now.text!r}", cursor.now.column)
    return Parsed(source=source, source_module=module, condition=condition, sink_module=sink[0], sink_input=sink[1])


def _keyword(cursor: _Cursor, word: str, otherwise: str) -> None:
    token = cursor.take()
    if not token.is_keyword(word):
        raise RouteSyntaxError(f"{otherwise}; found {token.shown}{instead_of(token)}", token.column)


def _condition(cursor: _Cursor) -> str | None:
    if not cursor.now.is_keyword("WHERE"):
        return None
    start = cursor.take()
    parser = ConditionParser(cursor.source, cursor.all, cursor.at)
    cursor.at = parser.parse()
    cursor.lints += [Lint(reason, column) for reason, column in parser.lints]
    return cursor.source[start.end : cursor.now.column - 1].strip()


def _source(cursor: _Cursor) -> tuple[str, str | None]:
    first = cursor.now
    items: list[str] = []
    while cursor.now.is_operator("/"):
        cursor.take()
        item = cursor.take()
        if item.kind != "name" and item.text != "*":
            raise RouteSyntaxError(_no_item(item), item.column)
        items.append(item.text)
    if not items:
        raise RouteSyntaxError(f"a source is wanted after FROM: one of {_SOURCES}; found {first.shown}", first.column)
    fixed = items[:-1] if items[-1] == "*" else items
    text = "/" + "/".join(items)
    if not _is_source(fixed):
        cursor.lint(f"no message has the source {text!r}: one of {_SOURCES} is wanted", first.column)
        return text, None
    return text, fixed[2] if len(fixed) > 2 else None


def _no_item(item: Token) -> str:
    if item.kind in ("keyword", "constant", "integer", "hex", "real", "system"):
        return (
            f"{item.text!r} cannot stand in a source: edgeHub reads it as a number, a word or a property of its own; "
            "give the module or the output a name with another letter in it"
        )
    return f"a name or * is wanted after /, found {item.shown}"


def _swallowed(comment: Token) -> Lint | None:
    """`FROM /messages/* WHERE a = 'x' /* hot */ INTO ...`: the comment begins at the first `/*`."""
    if "/*" not in comment.text[2:] or not re.search(r"\b(where|into)\b", comment.text, re.IGNORECASE):
        return None
    return Lint(
        f"edgeHub takes all of {comment.text!r} for a comment, as /* begins it there: leave comments out of routes",
        comment.column,
    )


def _is_source(items: Sequence[str]) -> bool:
    lower = [item.lower() for item in items]
    if lower == ["twinchangenotifications"]:
        return True
    shape = ["messages", "modules", None, "outputs", None]
    if len(lower) > len(shape) or "*" in lower:
        return False
    return all(want is None or want == have for want, have in zip(shape, lower, strict=False))


def _sink(cursor: _Cursor) -> tuple[str | None, str | None]:
    token = cursor.take()
    if token.text.lower() == UPSTREAM:
        return None, None
    if token.kind != "name" or token.text.lower() != "brokeredendpoint":
        raise RouteSyntaxError(f"the sink is {token.shown}; {_SINKS} is wanted", token.column)
    opening, argument, closing = cursor.take(), cursor.take(), cursor.take()
    if not opening.is_operator("(") or argument.kind != "string" or not closing.is_operator(")"):
        raise RouteSyntaxError('BrokeredEndpoint takes one quoted path: ("/modules/<m>/inputs/<in>")', opening.column)
    return _endpoint(cursor, argument)


def _endpoint(cursor: _Cursor, argument: Token) -> tuple[str, str]:
    """edgeHub asks for four parts, a / before and behind them or not, and looks at the second and the fourth only."""
    items = argument.text[1:-1].strip().removeprefix("/").removesuffix("/").split("/")
    wanted = '"/modules/<m>/inputs/<in>" is wanted'
    if len(items) != 4:
        raise RouteSyntaxError(f"the endpoint is {argument.text}; {wanted}", argument.column)
    if items[0].lower() != "modules" or items[2].lower() != "inputs" or not items[1] or not items[3]:
        cursor.lint(f"the endpoint is {argument.text}; {wanted}", argument.column)
    return items[1], items[3]
