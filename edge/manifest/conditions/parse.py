"""Target conditions of automatic deployments: parser, evaluation for one device, and the parentheses the hub forgets.

Grammar (IoT Hub query language, WHERE part): AND OR NOT; = != <> < <= > >=; IN NIN ['a', 'b']; + - * / %;
is_defined(path); true false null undefined, numbers, 'text' with '' for a quote. NOT binds looser than a
comparison, unlike in routes.
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language

Logic is three-valued (`values`), and only a condition that is true targets a device.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from edge.manifest.conditions.values import (
    ARITHMETIC,
    COMPARE,
    NULL,
    Node,
    Undefined,
    all_of,
    any_of,
    arithmetic,
    compared,
    lookup,
    member,
    negated,
)

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^']|'')*')
    | (?P<number>0[xX][0-9a-fA-F]{1,16}|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<op><=|>=|<>|!=|[=<>+\-*/%(),\[\]])
    | (?P<path>\$?[A-Za-z_][\w$]*(?:\.(?:\[\[[^\]]+\]\]|\$?[\w$-]+))*)
    )""",
    re.VERBOSE,
)
_ALLOWED_IN_TEXT = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;$]*")
_ROOTS = "tags.<name>, deviceId, properties.reported.<name>"
_DEEPEST = 30
"""Reading and evaluating recurse: far below what Python allows, far above what anybody writes."""


class ConditionSyntaxError(ValueError):
    """`column` counts from 1 in the condition."""

    def __init__(self, reason: str, column: int) -> None:
        super().__init__(f"column {column}: {reason}")
        self.reason = reason
        self.column = column


@dataclass(frozen=True, slots=True)
class TargetCondition:
    text: str
    node: Node

    def matches(self, device: Mapping[str, Any]) -> bool:
        """`device` is a twin as the hub shows it: deviceId, tags, properties."""
        return self.node(device) is True


def parse_condition(text: str) -> TargetCondition:
    """`*` is every device, the empty condition none."""
    if text.strip() == "*":
        return TargetCondition(text, lambda device: True)
    if not text.strip():
        return TargetCondition(text, lambda device: False)
    parser = _Parser(text)
    node = parser.disjunction()
    if parser.kind != "end":
        raise ConditionSyntaxError(f"{parser.word!r} cannot stand here; AND, OR or the end is wanted", parser.column)
    return TargetCondition(text, node)


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


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.kind, self.word, self.column = "", "", 1
        self.depth = 0
        self.advance()

    def advance(self) -> None:
        rest = self.text[self.position :]
        blank = len(rest) - len(rest.lstrip())
        self.column = self.position + blank + 1
        if blank == len(rest):
            self.kind, self.word = "end", ""
            return
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            character = self.text[self.column - 1]
            hint = "; text stands in single quotes" if character == '"' else ""
            raise ConditionSyntaxError(f"the character {character!r} cannot stand here{hint}", self.column)
        self.kind = str(match.lastgroup)
        self.word = match[self.kind]
        self.position = match.end()

    def is_word(self, word: str) -> bool:
        return self.kind == "path" and self.word.upper() == word

    def is_op(self, *ops: str) -> bool:
        return self.kind == "op" and self.word in ops

    @contextmanager
    def nested(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ConditionSyntaxError(f"nested deeper than {_DEEPEST}", self.column)
        yield
        self.depth -= 1

    def disjunction(self) -> Node:
        parts = [self.conjunction()]
        while self.is_word("OR"):
            self.advance()
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda device: any_of([part(device) for part in parts])

    def conjunction(self) -> Node:
        parts = [self.negation()]
        while self.is_word("AND"):
            self.advance()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda device: all_of([part(device) for part in parts])

    def negation(self) -> Node:
        if self.is_word("NOT"):
            self.advance()
            with self.nested():
                inner = self.negation()
            return lambda device: negated(inner(device))
        return self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        if self.is_op(*COMPARE):
            compare = COMPARE[self.word]
            self.advance()
            right = self.sum()
            return lambda device: compared(compare, left(device), right(device))
        if self.is_word("IN") or self.is_word("NIN"):
            is_in = self.is_word("IN")
            self.advance()
            members = self.array()
            return lambda device: member(left(device), members, is_in)
        return left

    def sum(self) -> Node:
        return self.arithmetic(self.product, "+", "-")

    def product(self) -> Node:
        return self.arithmetic(self.atom, "*", "/", "%")

    def arithmetic(self, operand: Callable[[], Node], *ops: str) -> Node:
        node = operand()
        chained = 0
        while self.is_op(*ops):
            apply, left = ARITHMETIC[self.word], node
            chained += 1  # each stands inside the next
            if chained > _DEEPEST:
                raise ConditionSyntaxError(f"more than {_DEEPEST} of {' '.join(ops)} in a row", self.column)
            self.advance()
            right = operand()
            node = arithmetic(apply, left, right)
        return node

    def atom(self) -> Node:
        if self.is_op("("):
            opening = self.column
            self.advance()
            with self.nested():
                node = self.disjunction()
            if not self.is_op(")"):
                raise ConditionSyntaxError(f"the ( at column {opening} is not closed", self.column)
            self.advance()
            return node
        if self.is_op("-"):
            self.advance()
            with self.nested():
                inner = self.atom()
            return arithmetic(operator.sub, lambda device: 0, inner)
        if self.kind == "path" and self.word.lower() not in ("true", "false", "null", "undefined"):
            return self.path_or_call()
        value = self.constant()
        return lambda device: value

    def path_or_call(self) -> Node:
        word, column = self.word, self.column
        self.advance()
        if self.is_op("("):
            if word.lower() != "is_defined":
                raise ConditionSyntaxError(f"no function {word!r} in a target condition; there is is_defined", column)
            self.advance()
            path = _path(self.word, self.column) if self.kind == "path" else None
            if path is None:
                raise ConditionSyntaxError(f"is_defined takes a path ({_ROOTS})", self.column)
            self.advance()
            if not self.is_op(")"):
                raise ConditionSyntaxError("is_defined is not closed", self.column)
            self.advance()
            return lambda device: lookup(device, path) is not Undefined
        read = _path(word, column)
        return lambda device: lookup(device, read)

    def array(self) -> Sequence[Any]:
        if not self.is_op("["):
            raise ConditionSyntaxError("IN and NIN take an array of constants: ['a', 'b']", self.column)
        members: list[Any] = []
        while not self.is_op("]"):
            self.advance()
            members.append(self.constant())
            if not self.is_op(",", "]"):
                raise ConditionSyntaxError("a , or ] is wanted in the array", self.column)
        self.advance()
        return members

    def constant(self) -> Any:
        kind, word, column = self.kind, self.word, self.column
        if kind == "text":
            value: Any = _text(word, column)
        elif kind == "number":
            value = float(int(word, 16)) if word.lower().startswith("0x") else float(word)
        elif kind == "path" and word.lower() in ("true", "false", "null", "undefined"):
            value = {"true": True, "false": False, "null": NULL, "undefined": Undefined}[word.lower()]
        else:
            found = "the end of the condition" if kind == "end" else repr(word)
            raise ConditionSyntaxError(f"a value is wanted, found {found}", column)
        self.advance()
        return value


def _text(word: str, column: int) -> str:
    value = word[1:-1].replace("''", "'")
    good = _ALLOWED_IN_TEXT.match(value)
    if good is not None and good.end() < len(value):
        character = value[good.end()]
        raise ConditionSyntaxError(
            f"the text {word} holds {character!r}; letters, digits and - : . + % _ # * ? ! ( ) , = @ ; $ are allowed",
            column,
        )
    return value


def _path(word: str, column: int) -> tuple[str, ...]:
    parts = tuple(escaped or plain for escaped, plain in re.findall(r"\[\[([^\]]+)\]\]|([^.\[\]]+)", word))
    lower = [part.lower() for part in parts]
    known = (
        lower == ["deviceid"]
        or (lower[0] == "tags" and len(parts) > 1)
        or (lower[:2] == ["properties", "reported"] and len(parts) > 2)
    )
    if not known:
        raise ConditionSyntaxError(f"no property {word!r} in a target condition; there are {_ROOTS}", column)
    return ("deviceId",) if lower == ["deviceid"] else parts
