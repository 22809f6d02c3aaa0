"""Target conditions of automatic deployments: parser, evaluation for one device, and the parentheses the hub forgets.

    condition  = '*' | [disjunction]
    disjunction= conjunction {OR conjunction}
    conjunction= negation {AND negation}
    negation   = {NOT} (comparison | IS_DEFINED '(' property ')' | '(' disjunction ')')
    comparison = property ('=' | '!=' | '<>' | '<' | '<=' | '>' | '>=') ('text' | number | true | false)
    property   = deviceId | tags.name | properties.reported.name, deeper by dots, [[name]] for any other name

A smaller language than that of queries: IoT Hub refuses IN (Azure/azure-iot-cli-extension#490), and arithmetic, arrays
and the other functions are documented for queries only. What no page documents is refused, with what to write instead.
https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.manifest.conditions.errors import ConditionSyntaxError
from edge.manifest.conditions.lexer import Token, text_of, tokens
from edge.manifest.conditions.properties import ROOTS, check_value, path_of
from edge.manifest.conditions.tree import COMPARE, Always, Comparison, Defined, Junction, Negation, Node, Path

__all__ = ["ConditionSyntaxError", "TargetCondition", "parenthesised", "parse_condition"]

_CONSTANTS = {"TRUE": True, "FALSE": False}
_LIST = re.compile(r"\s*[\[(]([^\[\]()]*)[\])]")
_LIST_ITEM = re.compile(r"'(?:[^']|'')*'|[^\s,']+")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class TargetCondition:
    text: str
    node: Node
    paths: Sequence[Path] = ()

    def matches(self, device: Mapping[str, Any]) -> bool:
        """`device` is a twin as the hub shows it: deviceId, tags, properties."""
        return self.node.of(device) is True

    @property
    def looks_at_reported(self) -> bool:
        """Such a condition is known to the hub alone: before a device reports, it is true for none."""
        return any(path[0] == "properties" for path in self.paths)


def parse_condition(text: str) -> TargetCondition:
    """`*` is every device, the empty condition none."""
    stripped = text.strip(" \t\r\n")
    if stripped in ("", "*"):
        return TargetCondition(text, Always(stripped == "*"))
    parser = _Parser(text, tokens(text))
    node = parser.disjunction()
    parser.end()
    return TargetCondition(text, node, parser.paths)


def parenthesised(text: str) -> str:
    """`text` in parentheses: the hub joins its own `... and <condition>` to it, and AND binds tighter than OR."""
    stripped = text.strip()
    return stripped if stripped in ("", "*") or _is_wrapped(stripped) else f"({stripped})"


def _is_wrapped(text: str) -> bool:
    depth, quoted = 0, False
    for index, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return text[0] == "(" and index == len(text) - 1
    return False


def _as_value(item: str, name: Token) -> str:
    """An item of a list so that it can stand in a comparison: what is neither text nor number gets its quotes."""
    is_number = _NUMBER.fullmatch(item) is not None and name.text != "deviceId"
    is_constant = item.upper() in _CONSTANTS and name.text != "deviceId"
    return item if item.startswith("'") or is_number or is_constant else f"'{item}'"


class _Parser:
    def __init__(self, text: str, words: Sequence[Token]) -> None:
        self._text = text
        self._words = words
        self._index = 0
        self.paths: list[Path] = []

    @property
    def _next(self) -> Token:
        return self._words[self._index]

    def _advance(self) -> Token:
        token = self._next
        self._index += 1
        return token

    def _keyword(self, word: str) -> bool:
        if self._next.keyword != word:
            return False
        self._index += 1
        return True

    def _op(self, text: str) -> bool:
        if self._next.kind != "op" or self._next.text != text:
            return False
        self._index += 1
        return True

    def end(self) -> None:
        token = self._next
        if token.keyword == "NOT":
            raise ConditionSyntaxError("NOT cannot stand between two conditions; write AND NOT", token.column)
        if token.kind != "end":
            raise ConditionSyntaxError(f"{token} cannot stand here; AND, OR or the end is wanted", token.column)

    def disjunction(self) -> Node:
        parts = [self._conjunction()]
        while self._keyword("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Junction(True, parts)

    def _conjunction(self) -> Node:
        parts = [self._negation()]
        while self._keyword("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else Junction(False, parts)

    def _negation(self) -> Node:
        count = 0
        while self._keyword("NOT"):
            count += 1
        node = self._group() if self._next.text == "(" else self._predicate()
        return Negation(node) if count % 2 else node  # in three-valued logic two cancel as well

    def _group(self) -> Node:
        opening = self._advance().column
        node = self.disjunction()
        if not self._op(")"):
            if self._next.kind == "end":
                raise ConditionSyntaxError(f"the ( at column {opening} is not closed", self._next.column)
            self.end()
        return node

    def _predicate(self) -> Node:
        token = self._advance()
        if token.kind == "path" and self._next.text == "(":
            return self._function(token)
        if token.kind != "path":
            wanted = (
                f"a property is wanted ({ROOTS})" if token.kind != "end" else f"a property is wanted after it: {ROOTS}"
            )
            found = "the condition ends here" if token.kind == "end" else f"{token} cannot stand here"
            raise ConditionSyntaxError(f"{found}; {wanted}", token.column)
        path = self._path(token)
        sign = self._sign(token)
        value_token = self._advance()
        value = self._value(value_token, token, sign)
        check_value(path, sign, value, value_token)
        return Comparison(path, sign, value)

    def _path(self, token: Token) -> Path:
        self.paths.append(path_of(token))
        return self.paths[-1]

    def _function(self, name: Token) -> Node:
        if name.keyword != "IS_DEFINED":
            raise ConditionSyntaxError(
                f"no function {name.text!r} in a target condition; there is IS_DEFINED", name.column
            )
        self._advance()
        token = self._advance()
        if token.kind != "path":
            raise ConditionSyntaxError(f"IS_DEFINED takes a property ({ROOTS}), found {token}", token.column)
        path = self._path(token)
        if not self._op(")"):
            raise ConditionSyntaxError(f"IS_DEFINED is not closed, found {self._next}", self._next.column)
        return Defined(path)

    def _sign(self, name: Token) -> str:
        token = self._next
        if token.kind == "op" and token.text in COMPARE:
            return self._advance().text
        negated = token.keyword == "NOT" and self._words[self._index + 1].keyword == "IN"
        if token.keyword in ("IN", "NIN") or negated:
            raise self._no_list(name, is_in=token.keyword == "IN")
        reason = f"{token} cannot stand here; {name.text} is compared with a value: = != <> < <= > >="
        if token.kind == "end" or token.keyword in ("AND", "OR") or token.text == ")":
            reason = f"{name.text} alone is no condition; write {name.text} = true, or IS_DEFINED({name.text})"
        raise ConditionSyntaxError(reason, token.column)

    def _no_list(self, name: Token, *, is_in: bool) -> ConditionSyntaxError:
        token = self._next
        word = self._words[self._index + 1] if token.keyword == "NOT" else token
        found = _LIST.match(self._text, word.column - 1 + len(word.text))
        items = (_LIST_ITEM.findall(found[1]) if found else []) or ["'a'", "'b'"]
        joint, sign = (" OR ", "=") if is_in else (" AND ", "!=")
        instead = joint.join(f"{name.text} {sign} {_as_value(item, name)}" for item in items)
        reason = f"IoT Hub refuses {word.text.upper()} in target conditions; use {joint.strip()}: ({instead})"
        return ConditionSyntaxError(reason, token.column)

    def _value(self, token: Token, name: Token, sign: str) -> str | float | bool:
        if token.kind == "text":
            return text_of(token)
        if token.kind == "number":
            return float(token.text)
        if token.keyword in _CONSTANTS:
            return _CONSTANTS[token.keyword]
        if token.keyword in ("NULL", "UNDEFINED"):
            instead = f"{'NOT ' if sign == '=' else ''}IS_DEFINED({name.text})"
            raise ConditionSyntaxError(f"nothing compares with {token.text}; write {instead}", token.column)
        if token.kind == "path":
            reason = f"{token} stands where a value is wanted: text in single quotes, a number, true or false"
            raise ConditionSyntaxError(reason, token.column)
        raise ConditionSyntaxError(f"a value is wanted, found {token}", token.column)
