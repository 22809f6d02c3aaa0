"""What a model lets a stack set: read from the source of its `class Hyperparameters`, without importing it.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Hyperparameters:
        seed: Annotated[int, Meta(ge=0)] = 0
        criterion: Literal["gini", "entropy"] = "gini"
        max_depth: int | None = None

The program refuses with it before anything is made, training reads its `--set` with it: one rule, one wording. A type
that is written otherwise allows every value here, and training says what is wrong with it.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from contracts.numbers import LARGEST_EXACT, number_of, whole_of
from contracts.syntax import tree_of

CLASS = "Hyperparameters"
_WORDS = {"bool": "true or false", "int": "a whole number", "float": "a number", "str": "a text"}
_KINDS = tuple(_WORDS)
"""In the order in which a text is tried."""

Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    kinds: frozenset[str]
    """Of `_KINDS`, and "None"; empty where the annotation is none that this page knows: every value is let through."""
    choices: tuple[Any, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    multiple_of: float | None = None
    at_most: str | None = None
    """Another hyperparameter, than which this one is no larger: `Meta(extra={"at_most": "max_size"})`."""
    default: Any = None

    def read(self, value: Any) -> Any:
        """The value in its own type, of a text too: `pulumi config set` writes `0.01` as one.

        Raises ValueError with what is allowed.
        """
        if not self.kinds and not self.choices:
            return value
        if "None" in self.kinds and (value is None or str(value).lower() in ("none", "null")):
            return None
        for kind in _KINDS:
            if kind in self.kinds and (read := _READERS[kind](value)) is not None and self._is_within(read):
                if kind == "int" and abs(read) > LARGEST_EXACT:
                    raise ValueError(f"{self}, in size at most {LARGEST_EXACT}: the engine would round a larger one")
                return read
        for choice in self.choices:
            if str(choice) == str(value) and isinstance(choice, bool) == isinstance(value, bool):
                return choice
        raise ValueError(str(self))

    def __str__(self) -> str:
        numbers = ("int", "float")
        words = [_WORDS[one] + (self._range() if one in numbers else "") for one in _KINDS if one in self.kinds]
        words += [", ".join(map(str, self.choices))] if self.choices else []
        return " or ".join([*words, *(["none"] if "None" in self.kinds else [])])

    def _is_within(self, value: Any) -> bool:
        if isinstance(value, bool | str):
            return True
        if (self.above is not None and value <= self.above) or (self.below is not None and value >= self.below):
            return False
        if self.multiple_of is not None and value % self.multiple_of:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def _range(self) -> str:
        step = "" if self.multiple_of is None else f", a multiple of {self.multiple_of}"
        if self.least is not None and self.most is not None and self.above is None and self.below is None:
            return f" from {self.least} to {self.most}{step}"
        ends = {"at least": self.least, "above": self.above, "at most": self.most, "below": self.below}
        told = [f"{word} {end}" for word, end in ends.items() if end is not None]
        return f" {' and '.join(told)}{step}" if told else step


def declared(source: str) -> dict[str, Allowed] | None:
    """Of the top-level `class Hyperparameters` of a module's source; None where it has none, or is no Python."""
    try:
        module = tree_of("the model's source", source)
    except (SyntaxError, ValueError):
        return None
    found = next((node for node in module.body if isinstance(node, ast.ClassDef) and node.name == CLASS), None)
    return None if found is None else _fields(found)


def too_large(allowed: Mapping[str, Allowed], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of values that fit, each by itself: which of the given ones does not go with another, and what is allowed."""
    values = {name: one.read(given[name]) if name in given else one.default for name, one in allowed.items()}
    for name, one in allowed.items():
        other = one.at_most or ""
        ends = values[name], values.get(other)
        are_numbers = all(isinstance(end, int | float) for end in ends)
        if not are_numbers or ends[0] <= ends[1] or not {name, other} & given.keys():
            continue
        if name in given:
            yield name, f"at most {other}, which is {values[other]}"
        else:
            yield other, f"at least {name}, which is {values[name]} where nothing is said"


def parse(kind: type[Settings], settings: Mapping[str, str]) -> Settings:
    """The hyperparameters of `--set key=value`. Raises ValueError with the first that is not allowed, and what is."""
    node = tree_of(kind.__module__, textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(node, ast.ClassDef):
        raise TypeError(f"{kind!r} is no class")
    allowed = _fields(node)
    values = {name: _read(allowed, name, text) for name, text in settings.items()}
    for name, words in too_large(allowed, values):
        raise ValueError(f"hyperparameter {name} is {settings[name]!r}, must be {words}")
    return kind(**values)


def _read(allowed: Mapping[str, Allowed], name: str, text: str) -> Any:
    if name not in allowed:
        there = ", ".join(sorted(allowed)) or "none"
        raise ValueError(f"unknown hyperparameter {f'{name}={text}'!r}, allowed are {there} as key=value")
    try:
        return allowed[name].read(text)
    except ValueError as error:
        raise ValueError(f"hyperparameter {name} is {text!r}, must be {error}") from None


def _fields(node: ast.ClassDef) -> dict[str, Allowed]:
    return {
        field.target.id: replace(_allowed(field.annotation), default=field.value and _literal(field.value))
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }


def _allowed(annotation: ast.expr) -> Allowed:
    bounds: dict[str | None, Any] = {}
    kinds: set[str] = set()
    choices: list[Any] = []
    for option in _options(annotation, bounds):
        name = "None" if isinstance(option, ast.Constant) and option.value is None else _name(option)
        if isinstance(option, ast.Subscript) and _name(option.value) == "Literal":
            choices += [_literal(one) for one in _elements(option.slice)]
        elif name in (*_KINDS, "None"):
            kinds.add(name)
        else:
            return Allowed(kinds=frozenset())
    return Allowed(
        kinds=frozenset(kinds),
        choices=tuple(choices),
        least=bounds.get("ge"),
        above=bounds.get("gt"),
        most=bounds.get("le"),
        below=bounds.get("lt"),
        multiple_of=bounds.get("multiple_of"),
        at_most=_at_most(bounds.get("extra")),
    )


def _options(annotation: ast.expr, bounds: dict[str | None, Any]) -> list[ast.expr]:
    """Of `int | None`: both. What stands in an Annotated, of the whole or of one of them, goes into the bounds."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return [*_options(annotation.left, bounds), *_options(annotation.right, bounds)]
    if not isinstance(annotation, ast.Subscript):
        return [annotation]
    elements = _elements(annotation.slice)
    match _name(annotation.value):
        case "Annotated":
            calls = [note for note in elements[1:] if isinstance(note, ast.Call)]
            bounds.update({word.arg: _literal(word.value) for call in calls for word in call.keywords})
            return _options(elements[0], bounds)
        case "Optional" | "Union" as name:
            inner = [option for element in elements for option in _options(element, bounds)]
            return [*inner, ast.Constant(None)] if name == "Optional" else inner
    return [annotation]


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _at_most(extra: Any) -> str | None:
    other = extra.get("at_most") if isinstance(extra, dict) else None
    return other if isinstance(other, str) else None


def _bool(value: Any) -> bool | None:
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _int(value: Any) -> int | None:
    # the engine knows only doubles: a 3 may arrive as 3.0
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    try:
        return whole_of(value) if isinstance(value, str) else value if type(value) is int else None
    except ValueError:
        return None


def _float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = number_of(value) if isinstance(value, str) else float(value)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None


_READERS: Mapping[str, Callable[[Any], Any]] = {"bool": _bool, "int": _int, "float": _float, "str": _str}
