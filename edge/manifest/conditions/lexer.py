"""The words of a target condition, each with its column.

What no page documents is refused, with a spelling that one does document.
https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#target-condition
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge.manifest.conditions.errors import ConditionSyntaxError

LONGEST = 8192 - len("select deviceId from devices where capabilities.iotEdge = true and ")
"""Characters. The hub counts the targeted by a query that ends in the condition, and a query has 8,192."""
DEEPEST = 30
"""Brackets inside brackets. No page tells a limit: far more than anybody writes."""

_PLAIN = r"\$?[A-Za-z_][A-Za-z0-9_]*"
_ESCAPED = r"\[\[[^\[\]]*\]\]"
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n]+)
    | (?P<text>'(?:[^']|'')*')
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?)
    | (?P<path>{_PLAIN}(?:\.(?:{_ESCAPED}|{_PLAIN}))*)
    | (?P<op><=|>=|<>|!=|[=<>(),\[\]])""",
    re.VERBOSE,
)
_AFTER_A_WORD = re.compile(r"[^\s'()=<>!,\[\]]+")
_IN_TEXT = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;$']*")
_ALLOWED_IN_TEXT = "letters a-z, digits and - : . + % _ # * ? ! ( ) , = @ ; $ are allowed, and a quote as ''"


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is text, number, path, op or end."""

    kind: str
    text: str
    column: int

    @property
    def keyword(self) -> str:
        """In upper case where the token may be one."""
        return self.text.upper() if self.kind == "path" else ""

    def __str__(self) -> str:
        return "the end of the condition" if self.kind == "end" else repr(self.text)


def tokens(text: str) -> Sequence[Token]:
    if len(text) > LONGEST:
        raise ConditionSyntaxError(f"{len(text)} characters; {LONGEST} are allowed", LONGEST + 1)
    found: list[Token] = []
    position = depth = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unreadable(text, position)
        token = Token(str(match.lastgroup), match.group(), position + 1)
        position = match.end()
        if token.kind == "space":
            continue
        _check(token, text, position)
        depth += (token.text == "(") - (token.text == ")")
        if depth > DEEPEST:
            raise ConditionSyntaxError(f"nested deeper than {DEEPEST}", token.column)
        found.append(token)
    return (*found, Token("end", "", len(text) + 1))


def _check(token: Token, text: str, end: int) -> None:
    if token.kind == "text":
        value = text_of(token)
        good = _IN_TEXT.match(value)
        if good is not None and good.end() < len(value):
            raise ConditionSyntaxError(
                f"the text {token.text} holds {value[good.end()]!r}; {_ALLOWED_IN_TEXT}", token.column
            )
    rest = _AFTER_A_WORD.match(text, end) if token.kind in ("path", "number") else None
    if rest is not None:
        raise _joined(token, rest.group())
    if token.kind == "path" and text.startswith("[", end):
        raise ConditionSyntaxError(f"{token.text}[...: a condition reads no arrays and indexes nothing", end + 1)


def _joined(token: Token, rest: str) -> ConditionSyntaxError:
    """What follows a name or a number without a space, and belongs to neither."""
    whole = token.text + rest
    column = token.column + len(token.text)
    if token.kind == "number":
        return ConditionSyntaxError(
            f"{whole!r} is no number of a condition; digits with or without a fraction are wanted, such as -18 or 0.5, "
            "and no arithmetic",
            token.column,
        )
    if not whole.isascii():
        return ConditionSyntaxError(f"the name {whole!r} holds letters beyond a-z; a tag in a-z is wanted", column)
    root, *names = whole.split(".")
    odd = next((name for name in names if not re.fullmatch(_PLAIN, name)), None)
    if odd and re.fullmatch(r"[^\[\]]+", odd):
        escaped = ".".join((root, *(name if re.fullmatch(_PLAIN, name) else f"[[{name}]]" for name in names)))
        reason = f"the name {odd!r} is not of letters, digits and _ alone: write {escaped}"
        return ConditionSyntaxError(reason, column)
    return ConditionSyntaxError(f"{whole!r} is no name of a condition", column)


def _unreadable(text: str, position: int) -> ConditionSyntaxError:
    character, column = text[position], position + 1
    if character == "'":
        return ConditionSyntaxError("the text is not closed; a quote inside a text is written ''", column)
    hint = {
        '"': "; text stands in single quotes",
        "\xa0": "; it looks like a space: type one",
        "+": "; a condition does no arithmetic",
        "-": "; a condition does no arithmetic",
        "*": "; a condition does no arithmetic, and * for every device stands alone",
        "/": "; a condition does no arithmetic",
        "%": "; a condition does no arithmetic",
        "&": "; write AND",
        "|": "; write OR",
        "!": "; write NOT, or != between a property and a value",
    }.get(character, "")
    return ConditionSyntaxError(f"the character {character!r} cannot stand here{hint}", column)


def text_of(token: Token) -> str:
    return token.text[1:-1].replace("''", "'")


def names_of(token: Token) -> Sequence[tuple[str, bool]]:
    """Of a path: each name, and whether it stands in [[ ]]."""
    parts = re.findall(rf"\[\[([^\[\]]*)\]\]|({_PLAIN})", token.text)
    return [(plain or escaped, not plain) for escaped, plain in parts]
