"""The WHERE of a route, parsed as edgeHub parses it (Condition.g4), tightest first:

unary - and NOT; * / %; + - ||; < <= > >=; = != <>; AND; OR; ??
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.manifest.routes.lexer import RouteSyntaxError, Token

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("??",),
    ("OR",),
    ("AND",),
    ("=", "!=", "<>"),
    ("<", "<=", ">", ">="),
    ("+", "-", "||"),
    ("*", "/", "%"),
)
# name -> fewest and most arguments
FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("abs", "exp", "square", "ceiling", "floor", "sign", "sqrt", "as_number"), (1, 1)),
    **dict.fromkeys(("is_bool", "is_defined", "is_null", "is_number", "is_string"), (1, 1)),
    **dict.fromkeys(("length", "lower", "upper", "twin_change_includes"), (1, 1)),
    **dict.fromkeys(("power", "index_of", "starts_with", "ends_with", "contains"), (2, 2)),
    "substring": (2, 3),
    "concat": (2, 100),
}


class ConditionParser:
    """Reads one condition from `tokens[at]`; `parse` gives the position after it."""

    def __init__(self, tokens: Sequence[Token], at: int) -> None:
        self.tokens = tokens
        self.at = at
        self.lints: list[tuple[str, int]] = []

    def parse(self) -> int:
        self._level(0)
        return self.at

    @property
    def _now(self) -> Token:
        return self.tokens[self.at]

    def _take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def _level(self, level: int) -> None:
        if level == len(_LEVELS):
            self._unary()
            return
        self._level(level + 1)
        while self._now.kind in ("operator", "keyword") and self._now.text.upper() in _LEVELS[level]:
            self._take()
            self._level(level + 1)

    def _unary(self) -> None:
        token = self._now
        if token.is_keyword("NOT"):
            self._take()
            self._unary()
            if self._now.is_operator("=", "!=", "<>", "<", "<=", ">", ">="):
                self.lints.append(
                    (f"NOT binds tighter than {self._now.text}: write NOT (... {self._now.text} ...)", token.column)
                )
        elif token.is_operator("-"):
            self._take()
            self._unary()
        else:
            self._primary()

    def _primary(self) -> None:
        token = self._take()
        if token.is_operator("("):
            self._level(0)
            self._closing(token)
        elif token.kind == "name" and self._now.is_operator("("):
            self._call(token)
        elif token.kind in ("name", "query"):
            self._lint_name(token)
        elif token.kind not in ("string", "number", "system"):
            found = repr(token.text) if token.kind != "end" else "the end of the route"
            raise RouteSyntaxError(f"a value is wanted in the condition, found {found}", token.column)

    def _closing(self, opening: Token) -> None:
        token = self._take()
        if not token.is_operator(")"):
            raise RouteSyntaxError(f"the ( at column {opening.column} is not closed", token.column)

    def _call(self, name: Token) -> None:
        limits = FUNCTIONS.get(name.text.lower())
        if limits is None:
            raise RouteSyntaxError(f"no function {name.text!r}; there are {', '.join(sorted(FUNCTIONS))}", name.column)
        opening = self._take()
        count = 0
        if not self._now.is_operator(")"):
            self._level(0)
            count = 1
            while self._now.is_operator(","):
                self._take()
                self._level(0)
                count += 1
        self._closing(opening)
        if not limits[0] <= count <= limits[1]:
            wanted = str(limits[0]) if limits[0] == limits[1] else f"{limits[0]} to {limits[1]}"
            raise RouteSyntaxError(f"{name.text} takes {wanted} arguments, not {count}", name.column)

    def _lint_name(self, token: Token) -> None:
        trap = next((mark for mark in ("!", "||", "'", "+", "*", "%") if mark in token.text), None)
        if trap is None and token.text.rpartition("-")[2].isdigit() and "-" in token.text:
            trap = "-"
        if trap:
            self.lints.append(
                (
                    f"edgeHub reads {token.text!r} as the name of one property, {trap} included: "
                    "write spaces around operators",
                    token.column,
                )
            )
