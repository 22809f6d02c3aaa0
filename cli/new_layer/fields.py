"""The settings of an imported layer: the image of each module, and each secret, which has no default."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import Refused
from cli.new_layer.carried import DESIRED, Carried
from cli.new_layer.secrets import secrets_in
from edge.manifest import AGENT, HUB
from edge.manifest.problem import Path, dotted

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASSIGNED = re.compile(r"-{0,2}[A-Za-z][\w.-]*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    field: str
    setting: str
    """As the stack's configuration writes it."""
    path: str
    """In the manifest."""
    prefix: str
    """Of `NAME=value`, what is no secret."""
    value: str | int | float


@dataclass(frozen=True, slots=True)
class Read:
    """Stands in a module's value for what a setting says."""

    prefix: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    images: Mapping[str, str]
    """Module -> field."""
    functions: Mapping[str, str]
    """Module -> the function that makes it."""
    secrets: tuple[Secret, ...]
    modules: Mapping[str, Any]
    routes: Mapping[str, Any]
    twins: Mapping[str, Mapping[str, Any]]
    """As carried, with a `Read` for each secret."""


def fields_of(made: Carried) -> Fields:
    """Raises Refused for a secret where a setting cannot be: in an image's name or a route."""
    taken: set[str] = set()
    images = {module: _free(f"{words(module)}_image", taken) for module in made.modules}
    named: set[str] = {"content", "needs"}
    functions = {module: _free(words(module), named) for module in made.modules}
    secrets: list[Secret] = []

    def read(value: Any, place: Path, module: str) -> Any:
        found: dict[Path, Read] = {}
        for path, text in secrets_in(value):
            prefix = _prefix(text)
            # where the value of an environment stands says nothing
            last = next((str(step) for step in reversed(path) if isinstance(step, str) and step != "value"), "secret")
            field = _free(f"{words(module)}_{words(prefix or last)}", taken)
            rest = text[len(prefix) :] if isinstance(text, str) else text
            secrets.append(
                Secret(field=field, setting=camel(field), path=dotted((*place, *path)), prefix=prefix, value=rest)
            )
            found[path] = Read(prefix, field)
        return _with(value, (), found)

    modules = {name: _module(name, one, read) for name, one in made.modules.items()}
    for name, route in made.routes.items():
        _refuse_secrets(route, (HUB, DESIRED, "routes", name))
    twins = {name: read(section, (name,), name) for name, section in made.twins.items()}
    return Fields(
        images=images, functions=functions, secrets=tuple(secrets), modules=modules, routes=made.routes, twins=twins
    )


def _module(name: str, module: Mapping[str, Any], read: Any) -> dict[str, Any]:
    place = (AGENT, DESIRED, "modules", name)
    settings = module["settings"]
    _refuse_secrets({"image": settings["image"], "version": module.get("version")}, place)
    opened = {key: read(value, (*place, key), name) if key == "env" else value for key, value in module.items()}
    options = {key: read(value, (*place, "settings", key), name) if key == "createOptions" else value
               for key, value in settings.items()}  # fmt: skip
    return {**opened, "settings": options}


def words(name: str) -> str:
    """snake_case of any name: `SimulatedTemperatureSensor` -> `simulated_temperature_sensor`."""
    text = "_".join(word.lower() for word in _WORDS.findall(name)) or "one"
    return f"x_{text}" if text[0].isdigit() else text


def camel(field: str) -> str:
    """As msgspec renames a field."""
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


def _free(name: str, taken: set[str]) -> str:
    """Fields count by their setting's name: `a_1` and `a1` would be one."""
    number, free = 1, f"{name}_" if keyword.iskeyword(name) else name
    while camel(free) in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(camel(free))
    return free


def _prefix(value: Any) -> str:
    found = _ASSIGNED.match(value) if isinstance(value, str) else None
    # `Endpoint=sb://...;SharedAccessKey=...` is one value
    return found[0] if found and ";" not in value else ""


def _with(value: Any, path: Path, found: Mapping[Path, Any]) -> Any:
    if path in found:
        return found[path]
    if isinstance(value, Mapping):
        return {name: _with(item, (*path, name), found) for name, item in value.items()}
    return (
        [_with(item, (*path, index), found) for index, item in enumerate(value)] if isinstance(value, list) else value
    )


def _refuse_secrets(value: Any, place: Path) -> None:
    for path, _ in _sorted(secrets_in(value)):
        raise Refused(
            f"{dotted((*place, *path))}: what looks like a secret stands where none can be kept; take it out of there "
            "(an image's registry asks for credentials of its own, a route needs none)"
        )


def _sorted(found: Iterator[tuple[Path, Any]]) -> list[tuple[Path, Any]]:
    return sorted(found, key=lambda one: dotted(one[0]))
