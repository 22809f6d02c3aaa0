"""What an entry script names `init` and `run`: any callable, if it can be called as Azure ML's own server calls it."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import logging
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from images.scoring.errors import StartError

log = logging.getLogger("scoring.script")

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def function_of(module: ModuleType, name: str, path: Path) -> Callable[..., Any]:
    """Raises StartError for what is not there, or whose call gives something that has yet to be awaited or iterated."""
    function = getattr(module, name, None)
    if not callable(function):
        raise StartError(f"entry script {path.name} has no function {name}()")
    for asked in (function, getattr(function, "__call__", None)):  # noqa: B004 - that of an object's class may be async
        if inspect.iscoroutinefunction(asked) or inspect.isasyncgenfunction(asked):
            raise StartError(f"{name}() of {path.name} is async, allowed is a plain function: nobody would await it")
        if inspect.isgeneratorfunction(asked):
            raise StartError(f"{name}() of {path.name} is a generator, allowed is a plain function: nobody iterates it")
    return typing.cast("Callable[..., Any]", function)


def parameters_of(run: Callable[..., Any], path: Path) -> list[inspect.Parameter]:
    """Without `request_headers`, and at least one; raises StartError."""
    try:
        signature = inspect.signature(run)
    except (ValueError, TypeError) as error:
        raise StartError(f"run() of {path.name} does not say what it takes: {error}") from error
    found = [parameter for name, parameter in signature.parameters.items() if name != "request_headers"]
    if not found:
        raise StartError(f"run() of {path.name} must take one argument, the request")
    return found


def must_take_names(run: Callable[..., Any], path: Path, *, only: str | None = None) -> None:
    """Its arguments are given by their names; with `only`, that one. Raises StartError."""
    for name, parameter in inspect.signature(run).parameters.items():
        if parameter.kind not in _NAMED:
            raise StartError(
                f"run() of {path.name} has {str(parameter).partition(':')[0]}, allowed are parameters with a name: "
                "its arguments are given by name"
            )
        needed = parameter.default is inspect.Parameter.empty
        if only is not None and needed and name not in (only, "request_headers"):
            raise StartError(f"run() of {path.name} needs {name!r} too, which nobody gives; allowed is one argument")


def must_take_one(run: Callable[..., Any], path: Path) -> None:
    """As the typed form calls it; raises StartError."""
    try:
        inspect.signature(run).bind(None)
    except TypeError as error:
        raise StartError(f"run() of {path.name} cannot be called with the decoded request alone: {error}") from error


def is_typed(kind: Any) -> bool:
    """Whether a struct, or a list or dict of bytes, is anywhere in it: other annotations are only notes in Azure ML's
    own server, and so here."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return True
    parts = typing.get_args(kind)
    return (typing.get_origin(kind) in (dict, list) and bytes in parts) or any(map(is_typed, parts))


def kind_of(run: Callable[..., Any], parameter: inspect.Parameter, path: Path) -> Any:
    """What the annotation of `parameter` means; `str`, the body as text, where it is but a note: one that names what is
    there for type checkers alone. Raises StartError where a struct is wanted and something beside it is not there."""
    annotation, names = parameter.annotation, _globals_of(run)
    if annotation is inspect.Parameter.empty:
        return str

    def holder() -> None: ...

    holder.__annotations__ = {"it": annotation}
    try:
        return typing.get_type_hints(holder, globalns=dict(names))["it"]
    except Exception as error:
        if any(is_typed(part) for part in _parts(annotation, names)):
            raise StartError(f"run() of {path.name} has an annotation that cannot be resolved: {error}") from error
        log.warning("run() of %s gets the body as text: its annotation cannot be resolved: %s", path.name, error)
        return str


def _globals_of(run: Callable[..., Any]) -> Mapping[str, Any]:
    function: Any = inspect.unwrap(run)
    while isinstance(function, functools.partial):
        function = inspect.unwrap(function.func)
    if not hasattr(function, "__globals__"):
        # a method has that of its function; an object is called as its class says
        function = inspect.unwrap(getattr(type(function), "__call__", function))  # noqa: B004
    found: Mapping[str, Any] = getattr(function, "__globals__", {})
    return found


def _parts(annotation: Any, names: Mapping[str, Any]) -> list[Any]:
    """What of an annotation can be resolved, of texts inside it too."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if not isinstance(annotation, str):
        return [annotation, *(found for part in typing.get_args(annotation) for found in _parts(part, names))]
    try:
        tree = ast.parse(annotation.strip(), mode="eval")
    except SyntaxError:
        return []
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return [found for node in nodes if (found := _looked_up(node, names)) is not None]


def _looked_up(node: ast.AST, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Attribute):
        with contextlib.suppress(Exception):
            return getattr(_looked_up(node.value, names), node.attr)
    return names.get(node.id) if isinstance(node, ast.Name) else None
