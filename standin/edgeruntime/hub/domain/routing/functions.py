"""The functions of route conditions. A wrong argument is refused when the route is compiled; an argument that turns out
undefined, or of another type, makes the result undefined.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#built-in-functions
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from standin.edgeruntime.hub.domain.routing.errors import RouteError
from standin.edgeruntime.hub.domain.routing.values import UNDEFINED, Kind, Node, Undefined, Value, accepts

N, S, B = Kind.NUMBER, Kind.STRING, Kind.BOOL


@dataclass(frozen=True, slots=True)
class Function:
    takes: tuple[tuple[Kind, ...], ...]
    """Alternatives; empty: any one argument."""
    gives: Kind
    run: Callable[..., Value]
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
            return float(run(value))
        except OverflowError:
            return math.inf
        except ValueError:
            return UNDEFINED

    return Function(((N,),), N, _of((float,), guarded))


def _power(base: float, exponent: float) -> Value:
    try:
        result = base**exponent
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.inf
    return result if isinstance(result, float) else UNDEFINED


def _as_number(value: Value) -> Value:
    if isinstance(value, float):
        return value
    if not isinstance(value, str):
        return UNDEFINED
    try:
        return float(value.strip().replace(",", "")) if "_" not in value else UNDEFINED
    except ValueError:
        return UNDEFINED


def _substring(text: str, start: float, length: float | None = None) -> Value:
    if start < 0 or start > len(text):
        return UNDEFINED
    if length is None:
        return text[int(start) :]
    if start >= len(text) or length < 0 or length > len(text) - start:
        return UNDEFINED
    return text[int(start) : int(start) + int(length)]


def _strings(run: Callable[..., Value]) -> Callable[..., Value]:
    def checked(*args: Value) -> Value:
        return run(*args) if all(isinstance(arg, str) for arg in args) else UNDEFINED

    return checked


FUNCTIONS: dict[str, Function] = {
    "abs": _math(abs),
    "exp": _math(math.exp),
    "square": _math(lambda value: value * value),
    "ceiling": _math(math.ceil),
    "floor": _math(math.floor),
    "sign": _math(lambda value: (value > 0) - (value < 0)),
    "sqrt": _math(math.sqrt),
    "power": Function(((N, N),), N, _of((float, float), _power)),
    "as_number": Function(((S,), (N,)), N, _as_number),
    "is_bool": Function((), B, lambda value: isinstance(value, bool)),
    "is_defined": Function((), B, lambda value: not isinstance(value, Undefined)),
    "is_null": Function((), B, lambda value: value is None),
    "is_number": Function((), B, lambda value: isinstance(value, float) and math.isfinite(value)),
    "is_string": Function((), B, lambda value: isinstance(value, str)),
    "concat": Function(((S,),), S, _strings(lambda *parts: "".join(parts)), variadic=True),
    "length": Function(((S,),), N, _strings(lambda text: float(len(text)))),
    "lower": Function(((S,),), S, _strings(str.lower)),
    "upper": Function(((S,),), S, _strings(str.upper)),
    "substring": Function(((S, N), (S, N, N)), S, _of((str, float, float), _substring)),
    "index_of": Function(((S, S),), N, _strings(lambda text, part: float(text.find(part)))),
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
    run, values = function.run, [arg.value for arg in args]
    if len(values) == 1:
        only = values[0]
        return Node(function.gives, lambda message: run(only(message)))
    return Node(function.gives, lambda message: run(*(value(message) for value in values)))


def _matches(function: Function, given: Sequence[Kind]) -> bool:
    if function.variadic:
        return len(given) > 0 and all(accepts(function.takes[0][0], kind) for kind in given)
    if not function.takes:
        return len(given) == 1
    return any(
        len(takes) == len(given) and all(accepts(want, kind) for want, kind in zip(takes, given, strict=True))
        for takes in function.takes
    )
