"""Conditions on role assignments: the language of the portal's "constrain roles", parsed and judged.

https://learn.microsoft.com/azure/role-based-access-control/conditions-format
Only what constrains who may be given which role is known; anything else is refused when the assignment is made.

condition := term (OR term)*          term := factor (AND factor)*
factor    := ! factor | ( condition ) | ActionMatches{'<action>'} | <attribute> <operator> <values>
attribute := @Request[Microsoft.Authorization/roleAssignments:<name>] | @Resource[...]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from standin.core.rbac.permissions import matches

_TOKEN = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||[!(){},])|(?P<attribute>@\w+\[[^\]]+\])|'(?P<text>[^']*)'|(?P<word>[\w:.*/-]+))"
)
_ATTRIBUTE = re.compile(r"@(Request|Resource)\[Microsoft\.Authorization/roleAssignments:(\w+)\]", re.IGNORECASE)
_ATTRIBUTES = ("roledefinitionid", "principaltype", "principalid")
_QUANTIFIERS = ("ForAnyOfAnyValues", "ForAnyOfAllValues", "ForAllOfAnyValues", "ForAllOfAllValues")
_DEEPEST = 50
_OPERATORS = ("GuidEquals", "GuidNotEquals", "StringEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as a condition sees it. Names of attributes are in lower case."""

    action: str
    request: Mapping[str, str]
    """Of what is to be written; an attribute that the body leaves out is none."""
    resource: Mapping[str, str]
    """Of what is there, and is to be deleted."""


Judge = Callable[[Asked], bool]


class ConditionError(ValueError):
    """A text that is no condition, or one of another kind than is known here."""


def parse(text: str) -> Judge:
    parser = _Parser(text)
    judge = parser.condition()
    if parser.next is not None:
        raise ConditionError(f"unexpected {parser.next!r}")
    return judge


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        end = 0
        text = text.strip()
        while end < len(text):
            found = _TOKEN.match(text, end)
            if found is None:
                raise ConditionError(f"unreadable at {text[end : end + 20]!r}")
            self._tokens.append((str(found.lastgroup), str(found[found.lastgroup or 0])))
            end = found.end()
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def condition(self) -> Judge:
        terms = [self._term()]
        while self._taken("OR", "||"):
            terms.append(self._term())
        return lambda asked: any(term(asked) for term in terms)

    def _term(self) -> Judge:
        factors = [self._factor()]
        while self._taken("AND", "&&"):
            factors.append(self._factor())
        return lambda asked: all(factor(asked) for factor in factors)

    def _factor(self) -> Judge:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ConditionError(f"it is nested deeper than {_DEEPEST}")
        try:
            return self._nested()
        finally:
            self._depth -= 1

    def _nested(self) -> Judge:
        if self._taken("!", "NOT"):
            negated = self._factor()
            return lambda asked: not negated(asked)
        if self._taken("("):
            inner = self.condition()
            self._expect(")")
            return inner
        if self._taken("ActionMatches"):
            patterns = self._values()
            return lambda asked: any(matches(pattern, asked.action) for pattern in patterns)
        return self._comparison()

    def _comparison(self) -> Judge:
        side, name = self._attribute()
        quantifier, _, operator = self._word().rpartition(":")
        if operator not in _OPERATORS or (quantifier and quantifier not in _QUANTIFIERS):
            raise ConditionError(f"operator {quantifier}:{operator}")
        values = frozenset(value.lower() if operator != "StringEquals" else value for value in self._values())
        unequal = "Not" in operator

        def judge(asked: Asked) -> bool:
            given = (asked.request if side == "request" else asked.resource).get(name)
            if given is None:
                return False
            return ((given if operator == "StringEquals" else given.lower()) in values) is not unequal

        return judge

    def _attribute(self) -> tuple[str, str]:
        text = self._word()
        found = _ATTRIBUTE.fullmatch(text)
        if found is None or found[2].lower() not in _ATTRIBUTES:
            raise ConditionError(f"attribute {text!r}")
        return found[1].lower(), found[2].lower()

    def _values(self) -> list[str]:
        self._expect("{")
        values = [self._word()]
        while self._taken(","):
            values.append(self._word())
        self._expect("}")
        return values

    def _word(self) -> str:
        if self.next is None:
            raise ConditionError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _taken(self, *words: str) -> bool:
        if self.next in words and self._tokens[self._at][0] != "text":
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._taken(word):
            raise ConditionError(f"{word!r} is wanted, not {self.next!r}")
