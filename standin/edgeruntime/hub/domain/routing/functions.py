"""The functions of route conditions. A wrong argument is refused when the route is compiled; an argument that turns out
undefined, or of another type, makes the result undefined.

https://github.com/Azure/iotedge/tree/main/edge-hub/core/src/Microsoft.Azure.Devices.Routing.Core/query/builtins
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import (
    NOWHERE,
    UNDEFINED,
    Kind,
    Node,
    Undefined,
    Value,
    accepts,
    of_units,
    units,
)

N, S, B = Kind.NUMBER, Kind.STRING, Kind.BOOL

# Signs and an exponent, digits in groups, a currency's sign: what .NET's NumberStyles.Any takes.
_NUMBER = re.compile(
    r"(?P<open>\()?\s*¤?\s*(?P<sign>[+-]?)\s*¤?(?P<digits>(?:[0-9][0-9,]*)?(?:\.[0-9]*)?)(?P<exponent>[eE][+-]?[0-9]+)?"
    r"\s*¤?\s*(?P<behind>[+-]?)\s*¤?(?P<close>\))?",
    re.ASCII,
)
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_INFINITY = re.compile(r"([+-]?)infinity", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Function:
    takes: tuple[tuple[Kind, ...], ...]
    """Alternatives; empty: any one argument."""
    gives: Kind
    run: Callable[..., Value] | None = None
    by_kind: Callable[[Kind], Callable[[Value], Value]] | None = None
    """Instead of `run`, where the argument's type decides what is done."""
    variadic: bool = False


def _of(kinds: Sequence[type], run: Callable[..., Value]) -> Callable[..., Value]:
    def checked(*args: Value) -> Value:
        if any(not isinstance(arg, kind) for arg, kind in zip(args, kinds, strict=False)):
            return UNDEFINED
        return run(*args)

    return checked


def _math(run: Callable[[float], float]) -> Function:
    def guarded(value: float) -> Value:
        try:
            return _number(float(run(value)))
        except OverflowError:
            return math.inf
        except ValueError:
            return UNDEFINED

    return Function(((N,),), N, _of((float,), guarded))


def _number(value: float) -> Value:
    """A NaN is how the original spells an undefined number."""
    return UNDEFINED if math.isnan(value) else value


def _power(base: float, exponent: float) -> Value:
    try:
        result = base**exponent
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    return _number(result) if isinstance(result, float) else UNDEFINED


def _as_number(value: Value) -> Value:
    if isinstance(value, float):
        return _number(value)
    if not isinstance(value, str):
        return UNDEFINED
    if _PLAIN_NUMBER.fullmatch(value):
        return float(value)
    text = value.strip(" \t\n\v\f\r")
    if endless := _INFINITY.fullmatch(text):
        return math.copysign(math.inf, -1 if endless[1] == "-" else 1)
    match = _NUMBER.fullmatch(text)
    if not match or not re.search("[0-9]", match["digits"]) or (match["sign"] and match["behind"]):
        return UNDEFINED
    if bool(match["open"]) != bool(match["close"]):
        return UNDEFINED
    number = float(match["digits"].replace(",", "") + (match["exponent"] or ""))
    return -number if "-" in (match["sign"], match["behind"]) or match["open"] else number


def _substring(text: str, start: float, length: float | None = None) -> Value:
    """Counted in UTF-16, as lengths are."""
    raw = units(text)
    size = len(raw) // 2
    if math.isnan(start) or start < 0 or start > size:
        return UNDEFINED
    if length is None:
        return of_units(raw[2 * int(start) :])
    if math.isnan(length) or start >= size or length < 0 or length > size - start:
        return UNDEFINED
    return of_units(raw[2 * int(start) : 2 * (int(start) + int(length))])


def _index_of(text: str, part: str) -> float:
    raw, wanted = units(text), units(part)
    at = raw.find(wanted)
    while at > 0 and at % 2:  # in the middle of a character
        at = raw.find(wanted, at + 1)
    return float(at // 2) if at >= 0 else -1.0


def _is_bool(given: Kind) -> Callable[[Value], Value]:
    """Of what is undefined only a bool or a value of the body is asked; a text can be none."""
    if given not in (Kind.BOOL, Kind.ANY):
        return lambda value: False
    return lambda value: UNDEFINED if isinstance(value, Undefined) else isinstance(value, bool)


def _is_null(given: Kind) -> Callable[[Value], Value]:
    """Of a value of the body the original says yes for each that is there, as it compares references."""
    if given is Kind.NULL:
        return lambda value: True
    if given is Kind.ANY:
        return lambda value: UNDEFINED if isinstance(value, Undefined) else value is not NOWHERE
    return lambda value: False


def _strings(run: Callable[..., Value]) -> Callable[..., Value]:
    def checked(*args: Value) -> Value:
        return run(*args) if all(isinstance(arg, str) for arg in args) else UNDEFINED

    return checked


FUNCTIONS: dict[str, Function] = {
    "abs": _math(abs),
    "exp": _math(math.exp),
    "square": _math(lambda value: value * value),
    "ceiling": _math(lambda value: value if math.isinf(value) else math.ceil(value)),
    "floor": _math(lambda value: value if math.isinf(value) else math.floor(value)),
    "sign": _math(lambda value: (value > 0) - (value < 0)),
    "sqrt": _math(math.sqrt),
    "power": Function(((N, N),), N, _of((float, float), _power)),
    "as_number": Function(((S,), (N,)), N, _as_number),
    "is_bool": Function((), B, by_kind=_is_bool),
    "is_defined": Function((), B, lambda value: not isinstance(value, Undefined)),
    "is_null": Function((), B, by_kind=_is_null),
    "is_number": Function((), B, lambda value: isinstance(value, float) and math.isfinite(value)),
    "is_string": Function((), B, lambda value: isinstance(value, str)),
    "concat": Function(((S, S),), S, _strings(lambda *parts: "".join(parts)), variadic=True),
    "length": Function(((S,),), N, _strings(lambda text: float(len(units(text)) // 2))),
    "lower": Function(((S,),), S, _strings(str.lower)),
    "upper": Function(((S,),), S, _strings(str.upper)),
    "substring": Function(((S, N), (S, N, N)), S, _of((str, float, float), _substring)),
    "index_of": Function(((S, S),), N, _strings(_index_of)),
    "starts_with": Function(((S, S),), B, _strings(str.startswith)),
    "ends_with": Function(((S, S),), B, _strings(str.endswith)),
    "contains": Function(((S, S),), B, _strings(lambda text, part: part in text)),
}


def call(name: str, args: Sequence[Node]) -> Node:
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise RouteError(f"Invalid built-in function '{name}'; allowed: {', '.join(sorted(FUNCTIONS))}")
    if not _matches(function, [arg.kind for arg in args]):
        given = ", ".join(arg.kind.value for arg in args)
        raise RouteError(f"Invalid arguments to built-in function '{name}': {name}({given})")
    run = function.by_kind(args[0].kind) if function.by_kind else function.run
    assert run is not None
    return Node(function.gives, _applied(run, [arg.value for arg in args]))


def _applied(run: Callable[..., Value], values: Sequence[Callable[[Message], Value]]) -> Callable[[Message], Value]:
    if len(values) == 1:
        only = values[0]
        return lambda message: run(only(message))
    return lambda message: run(*(value(message) for value in values))


def _matches(function: Function, given: Sequence[Kind]) -> bool:
    if not function.takes:
        return len(given) == 1
    return any(_takes(wanted, given, function.variadic) for wanted in function.takes)


def _takes(wanted: tuple[Kind, ...], given: Sequence[Kind], variadic: bool) -> bool:
    if variadic:
        wanted += wanted[-1:] * (len(given) - len(wanted))
    return len(wanted) == len(given) and all(map(accepts, wanted, given))
