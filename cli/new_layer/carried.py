"""What a layer carries of a deployment, and what it cannot: each of that by its path, with where it belongs instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.errors import Refused
from cli.new_layer.secrets import secret_keys_in, secrets_in
from cli.new_layer.wrappings import Wrapped
from edge.manifest import AGENT, HUB, Problem, chunked, joined, module_names, validate
from edge.manifest.create_options import CreateOptionsError
from edge.manifest.merge import is_layered
from edge.manifest.modules import DEFAULT_TTL_SECONDS
from edge.manifest.problem import Path, dotted
from edge.manifest.rules.validate import Kind

DESIRED = "properties.desired"
_BASE_TEXTS: Mapping[str, Any] = {"minDockerVersion": "v1.25", "loggingOptions": ""}
_PATCH = 2
"""Dots of a version with its patch."""
_VERSION = re.compile(r"azureiotedge-(?:agent|hub):(\d+(?:\.\d+)*)")
_ELSEWHERE = ("systemModules", "runtime", "storeAndForwardConfiguration")
_WRITTEN_BY_BASE = "is the base deployment's, which edgeway writes (infra/components/devices/base_deployment.py)"


@dataclass(frozen=True, slots=True)
class Left:
    """What is not carried, by its path below `modulesContent`."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    modules: Mapping[str, Any]
    """As in a manifest, but `settings` is the image and createOptions as an object."""
    routes: Mapping[str, Any]
    twins: Mapping[str, Mapping[str, Any]]
    """A module -> its section: `properties.desired`, or below it by dots."""
    left: tuple[Left, ...]


def carried(wrapped: Wrapped) -> Carried:
    """Raises Refused, with every finding, for what a hub or a device would refuse."""
    content, path = {twin: dict(section) if isinstance(section, dict) else section
                     for twin, section in wrapped.content.items()}, wrapped.path  # fmt: skip
    layered = is_layered(content)
    left = list(_without_foreign_twins(content)) if layered else []
    agent, hub = _parts(content.get(AGENT)), _parts(content.get(HUB))
    left += [*_left_of_agent(agent), *_left_of_hub(hub)]
    given = _named(agent, "modules")
    for name, module in given.items():
        if isinstance(module, dict) and module.pop("configuration", None) is not None:
            left.append(Left(_at((), AGENT, "modules", name, "configuration"), "is the hub's note of a deployment"))
    modules = {name: _opened(module, _at(path, AGENT, "modules", name)) for name, module in given.items()}
    _refuse(_masked(content, modules), "layer" if layered else "base", path)
    made = Carried(
        modules=modules,
        routes=_named(hub, "routes"),
        twins={twin: section for twin, section in content.items() if twin not in (AGENT, HUB) and section},
        left=tuple(left),
    )
    if not (made.modules or made.routes or made.twins):
        raise Refused(f"{dotted(path) or 'the top'}: no module and no route: nothing that a layer carries")
    return made


def as_layer(made: Carried) -> dict[str, Any]:
    """`modulesContent` of the layer that is wanted, createOptions as objects."""
    content: dict[str, Any] = {AGENT: {f"{DESIRED}.modules.{name}": one for name, one in made.modules.items()}}
    if made.routes:
        content[HUB] = {f"{DESIRED}.routes.{name}": one for name, one in made.routes.items()}
    return {**content, **made.twins}


def _at(path: Path, *steps: str) -> str:
    return dotted((*path, steps[0], DESIRED, *steps[1:]))


def _parts(section: Any) -> dict[str, Any]:
    """A system twin's desired properties, whether they are written as a whole or by dots."""
    if not isinstance(section, Mapping):
        return {}
    whole = section.get(DESIRED)
    made: dict[str, Any] = dict(whole) if isinstance(whole, dict) else {}
    for key, value in section.items():
        steps = str(key).removeprefix(f"{DESIRED}.").split(".")
        if key == DESIRED or not str(key).startswith(f"{DESIRED}."):
            continue
        inner = made
        for step in steps[:-1]:
            below = inner.get(step)
            inner[step] = inner = dict(below) if isinstance(below, dict) else {}
        inner[steps[-1]] = value
    return made


def _named(parts: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = parts.get(key)
    return (
        {name: dict(one) if isinstance(one, dict) else one for name, one in found.items()}
        if isinstance(found, dict)
        else {}
    )


def _without_foreign_twins(content: dict[str, Any]) -> Iterator[Left]:
    for twin in [one for one in content if one not in (AGENT, HUB, *module_names(content))]:
        del content[twin]
        yield Left(twin, "sets properties of a module of another deployment: they belong to "
                   "Module(desired=...) of the layer that deploys it")  # fmt: skip


def _left_of_agent(agent: Mapping[str, Any]) -> Iterator[Left]:
    runtime = agent.get("runtime")
    settings = runtime.get("settings") if isinstance(runtime, Mapping) else None
    for name, value in settings.items() if isinstance(settings, Mapping) else ():
        if name == "registryCredentials":
            for registry in value if isinstance(value, Mapping) else ():
                yield Left(_at((), AGENT, "runtime", "settings", name, registry), _CREDENTIAL)
        elif value != _BASE_TEXTS.get(name):
            yield Left(_at((), AGENT, "runtime", "settings", name), _WRITTEN_BY_BASE)
    systems = agent.get("systemModules")
    for name, module in systems.items() if isinstance(systems, Mapping) else ():
        yield from _left_of_system(_at((), AGENT, "systemModules", name), module)


_CREDENTIAL = (
    "is not written, and not needed for the stack's own registry: the base deployment has a token of edgeway's that "
    "reads the repositories of the stack's layers; copy images of this one there by `az acr import`, and name them in "
    "the settings"
)


def _left_of_system(where: str, module: Any) -> Iterator[Left]:
    if not isinstance(module, Mapping):
        return
    settings = module.get("settings")
    for name, value in settings.items() if isinstance(settings, Mapping) else ():
        if name == "image":
            version = _VERSION.search(value) if isinstance(value, str) else None
            what = f", here {version[1]}" if version else ""
            what += "; an exact patch is wanted" if version and version[1].count(".") < _PATCH else ""
            yield Left(f"{where}.settings.image", f"is edgeway:edgeRuntime in the stack's configuration{what}")
        elif value not in (None, "", "{}", {}):
            yield Left(f"{where}.settings.{name}", _WRITTEN_BY_BASE)
    env = module.get("env")
    for name in env if isinstance(env, Mapping) else ():
        yield Left(f"{where}.env.{name}", _WRITTEN_BY_BASE)
    for name in ("imagePullPolicy", "startupOrder"):
        if name in module:
            yield Left(f"{where}.{name}", _WRITTEN_BY_BASE)


def _left_of_hub(hub: Mapping[str, Any]) -> Iterator[Left]:
    stored = hub.get("storeAndForwardConfiguration")
    if stored is not None and stored != {"timeToLiveSecs": DEFAULT_TTL_SECONDS}:
        why = f"{_WRITTEN_BY_BASE}, with {DEFAULT_TTL_SECONDS} s; a route may have its own, which a layer carries"
        yield Left(_at((), HUB, "storeAndForwardConfiguration"), why)
    for name in hub.keys() - {"schemaVersion", "routes", "storeAndForwardConfiguration"}:
        yield Left(_at((), HUB, name), _WRITTEN_BY_BASE)


def _opened(module: Any, where: str) -> Any:
    settings = module.get("settings") if isinstance(module, dict) else None
    if not isinstance(settings, dict):
        return module
    try:
        options = joined(settings)
    except CreateOptionsError as error:
        raise Refused(f"{where}.settings: {error}") from None
    others = {name: value for name, value in settings.items() if not name.lower().startswith("createoptions")}
    return {**module, "settings": {**others, **({"createOptions": options} if options else {})}}


def _masked(content: Mapping[str, Any], modules: Mapping[str, Any]) -> dict[str, Any]:
    """The content with every secret as so many asterisks: findings quote values."""
    opened = {f"{DESIRED}.modules.{name}": one for name, one in modules.items()}
    agent = content.get(AGENT)
    if isinstance(agent, Mapping) and isinstance(agent.get(DESIRED), Mapping):
        agent = {**agent, DESIRED: {**agent[DESIRED], **({"modules": modules} if modules else {})}}
    elif isinstance(agent, Mapping):
        agent = {**agent, **opened}
    masked: dict[str, Any] = _mask({**content, AGENT: agent} if AGENT in content else dict(content))
    return masked


def _mask(value: Any) -> Any:
    hidden = dict(secrets_in(value))

    def copied(item: Any, path: Path) -> Any:
        if path in hidden:
            return "*" * len(str(item)) if isinstance(item, str) else 0
        if isinstance(item, Mapping):
            return {name: copied(one, (*path, name)) for name, one in item.items()}
        return [copied(one, (*path, index)) for index, one in enumerate(item)] if isinstance(item, list) else item

    return copied(value, ())


def _closed(section: Any) -> Any:
    """Of $edgeAgent, with createOptions as text again."""
    if not isinstance(section, Mapping):
        return section
    return {
        key: {**value, "modules": {name: _chunks(one) for name, one in value["modules"].items()}}
        if key == DESIRED and isinstance(value, Mapping) and isinstance(value.get("modules"), Mapping)
        else _chunks(value)
        if key.startswith(f"{DESIRED}.modules.")
        else value
        for key, value in section.items()
    }


def _chunks(module: Any) -> Any:
    settings = module.get("settings") if isinstance(module, Mapping) else None
    options = settings.get("createOptions") if isinstance(settings, Mapping) else None
    if not isinstance(settings, Mapping) or not isinstance(options, Mapping):
        return module
    others = {name: value for name, value in settings.items() if name != "createOptions"}
    return {**module, "settings": {**others, **chunked(options)}}


def _refuse(masked: Mapping[str, Any], kind: Kind, path: Path) -> None:
    keys = [dotted((*path, *where)) for where in secret_keys_in(masked)]
    if keys:  # alone, as findings name keys
        raise Refused(f"{', '.join(keys)}: a key there looks like a secret, which a layer's file cannot hold")
    closed = {twin: _closed(section) if twin == AGENT else section for twin, section in masked.items()}
    found = [_told(one, path) for one in validate(closed, kind) if not _is_elsewhere(one)]
    if found:
        raise Refused("\n".join(["a hub, a device or edgeway would refuse it:", *(f"  {line}" for line in found)]))


def _is_elsewhere(problem: Problem) -> bool:
    return any(f"{DESIRED}.{part}" in problem.path for part in _ELSEWHERE)


def _told(problem: Problem, path: Path) -> str:
    where = ".".join(filter(None, (dotted(path), problem.path))) or "the top"
    return f"{where}{f', column {problem.column}' if problem.column is not None else ''}: {problem.reason}"
