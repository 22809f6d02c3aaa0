"""Routes drawn from a grammar wider than edgeHub's own: right ones, and ones that are wrong in one place or in many."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\S+", text))


_SPACES = (" ", " ", " ", "", "  ", "\t", "\n", "\u00a0", " /* why */ ", "/**/")
_NAMES = _words(
    "level temp2 a-b x-1 status! it's e5 E7 1. +5 5s and FROM true TRUE null undefined NaN π٣ 温度 b|c 0x1F 0xZ -x a$b"
)
_SYSTEM = (*_words("$messageId {$messageId} {$body.a} $body $ {$} $x[0] {$x[0]} $twin.tags.a {level} {}"), "{ $to }")
_BODIES = _words("a a.b a[0] a.b[1].c a[0][1] a[0]b a..b a. .a 0 a.0 a[] a[x] 1a a-1 a|b a]b a[0] *")
_LITERALS = (
    *_words(r"""1 -1 0 3.5 -.5 .5e-3 1e5 1e999 5. 0x1f 0xFFFFFFFFFFFFFFFFF 'a' '' 'it\'s' '\u0041' '\x' 'open 'a'b"""),
    *_words("true false null undefined"),
    '"a b"',
)
_BINARY = _words("= != <> < <= > >= + - * / % || ?? and or AND OR == && | IN LIKE")
_FUNCTIONS = _words(
    "abs exp square ceiling floor sign sqrt power as_number is_bool is_defined is_null is_number is_string concat "
    "length lower UPPER substring index_of starts_with ends_with contains Contains twin_change_includes round"
)
_SOURCES = (
    *_words("/* /messages/* /messages/modules/m/* /MESSAGES/modules/M/outputs/o /messages /twinChangeNotifications"),
    *_words("/messages/modules/null/* /messages/outputs/1 /messages/modules/m/outputs/-1 /messages/ / messages"),
    *_words("/messages/** /messages/*/x /$x /modules/into/x /x[0] /0x1/* /e5"),
    "/ messages / *",
    "/a b",
)
_SINKS = (
    *_words("$upstream $UPSTREAM $elsewhere upstream BrokeredEndpoint(m) brokeredendpoint('modules/m/inputs/i/')"),
    *_words('Queue("/modules/m/inputs/i") BrokeredEndpoint("/modules/m/inputs/i") BrokeredEndpoint("/a/b/c/d")'),
    *_words('BrokeredEndpoint("//modules/m/inputs/i") BrokeredEndpoint("/modules/m/inputs")'),
    r'BrokeredEndpoint("/modules/m\/inputs/i")',
    'BrokeredEndpoint ( " /modules/m/inputs/i " )',
    "$upstream now",
    "$upstream 'open",
    "",
)


def route(random: Random) -> str:
    condition = f" WHERE {expression(random, 3)}" if random.random() < 0.9 else ""
    source = _mostly(random, _SOURCES[:6], _SOURCES)
    sink = _mostly(random, ("$upstream",), _SINKS)
    return f"{_mostly(random, ('FROM', 'select * from'), ('FORM', 'SELECT FROM', ''))} {source}{condition} INTO {sink}"


def expression(random: Random, depth: int) -> str:
    """Of at most `depth` operators and calls in one another."""
    makers: list[Callable[[], str]] = [lambda: _leaf(random)]
    if depth:
        inner = depth - 1
        makers += [
            lambda: _join(random, expression(random, inner), _operator(random), expression(random, inner)),
            lambda: _join(random, expression(random, inner), _operator(random), expression(random, inner)),
            lambda: _join(random, random.choice(("NOT", "not", "-")), expression(random, inner)),
            lambda: f"({expression(random, inner)}{_mostly(random, (')',), ('', '))', ','))}",
            lambda: _call(random, inner),
        ]
    return random.choice(makers)()


def _mostly(random: Random, good: tuple[str, ...], other: tuple[str, ...]) -> str:
    return random.choice(good if random.random() < 0.9 else other)


def _leaf(random: Random) -> str:
    plain = ("level", "other", "1", "2.5", "'a'", "true", "$messageId", "$body.a", "$body.n[0].m", "is_defined(a)")
    odd = (*_NAMES, *_SYSTEM, *_LITERALS, *(f"$body.{path}" for path in _BODIES))
    return random.choice(plain if random.random() < 0.7 else odd)


def _operator(random: Random) -> str:
    return random.choice(_BINARY[:16] if random.random() < 0.9 else _BINARY)


def _join(random: Random, *words: str) -> str:
    space = " " if random.random() < 0.9 else random.choice(_SPACES)
    return space.join(words)


def _call(random: Random, depth: int) -> str:
    arguments = [expression(random, depth) for _ in range(random.choice((1, 1, 1, 2, 2, 3, 0)))]
    return f"{random.choice(_FUNCTIONS)}{random.choice(('', '', ' '))}({', '.join(arguments)})"
