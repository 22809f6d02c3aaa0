"""`validate`: what IoT Hub or the device would refuse in a deployment's `modulesContent`, found before it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from edge.manifest.merge import is_layered
from edge.manifest.modules import AGENT, HUB, module_names
from edge.manifest.problem import Findings, Path, Problem
from edge.manifest.rules.agent import AGENT_DESIRED, MODULE, MODULE_NAME, MODULE_NAME_ALLOWED
from edge.manifest.rules.hub import hub_desired, route
from edge.manifest.rules.shape import Walk, is_object, mapping
from edge.manifest.rules.twin import check_desired

Kind = Literal["base", "layer"]

DESIRED = "properties.desired"
BASE_PRIORITY = 10
FIRST_LAYER_PRIORITY = 20
PRIORITY_STEP = 10  # a deployment's content changes hands at nominal + 1, so neighbours keep their distance
_HIGHEST_PRIORITY = 2**31 - 2  # an int32 in the hub's REST API, with room for nominal + 1
_LAYER_PLACES = {AGENT: "properties.desired.modules.<module>", HUB: "properties.desired.routes.<route>"}


def validate(
    content: Any,
    kind: Kind,
    *,
    known_modules: Collection[str] = (),
    is_unknown: Callable[[object], bool] = lambda value: False,
) -> list[Problem]:
    """`content` is what stands under `modulesContent`. `known_modules` are those that a layer's routes may name
    besides its own. Values for which `is_unknown` says yes (an engine's preview) are passed over."""
    findings = Findings()
    walk = Walk(findings, is_unknown)
    if is_unknown(content):
        return []
    if is_object(walk, (), content):
        if "modulesContent" in content:
            walk.add(("modulesContent",), "give what stands under modulesContent, not the whole configuration content")
        else:
            (_base if kind == "base" else _layer)(walk, content, known_modules)
    return findings.problems(content, is_unknown)


def priority_problem(kind: Kind, priority: int) -> str | None:
    """Why a priority cannot work: a layer counts only above its base, and both move up by one while content changes."""
    if kind == "base" and not 0 <= priority < FIRST_LAYER_PRIORITY - 1:
        return (
            f"priority {priority} is refused for a base; 0 to {FIRST_LAYER_PRIORITY - 2} leaves room under the layers"
        )
    if kind == "layer" and priority < FIRST_LAYER_PRIORITY:
        return (
            f"priority {priority} is refused for a layer: it takes effect only above its base; "
            f"{FIRST_LAYER_PRIORITY} or more is wanted"
        )
    if priority > _HIGHEST_PRIORITY:
        return f"priority {priority} is refused; {_HIGHEST_PRIORITY} is the highest"
    return None


def _base(walk: Walk, content: Mapping[str, Any], known_modules: Collection[str]) -> None:
    modules = {*module_names(content), *known_modules}
    rules = {AGENT: AGENT_DESIRED, HUB: hub_desired(modules)}
    for twin in (AGENT, HUB):
        if twin not in content:
            walk.add((), f"{twin} is missing: a base deployment sets both system modules' properties")
    for twin, section in content.items():
        path: Path = (twin,)
        if walk.is_unknown(section) or not is_object(walk, path, section):
            continue
        for key in section:
            if key != DESIRED:
                walk.add(
                    (*path, key), f"the key {key!r} is refused in a base; {DESIRED!r} is wanted (dots make a layer)"
                )
        if DESIRED not in section:
            walk.add(path, f"the key {DESIRED!r} is missing")
            continue
        if twin in rules:
            walk.check(rules[twin], (*path, DESIRED), section[DESIRED])
        else:
            _module_twin_name(walk, path, twin, modules)
        check_desired(walk, (*path, DESIRED), section[DESIRED])


def _layer(walk: Walk, content: Mapping[str, Any], known_modules: Collection[str]) -> None:
    modules = {*module_names(content), *known_modules}
    if AGENT not in content:
        walk.add((), f"{AGENT} is missing: a layer holds it even when it is empty ({{}})")
    if not is_layered(content):
        walk.add(
            (), "no key is dotted, so the hub takes it for a base; 'properties.desired.modules.<module>' is wanted"
        )
    one_module = mapping(MODULE_NAME, MODULE_NAME_ALLOWED, MODULE)
    one_route = mapping(r"[^.$#\s]+", ". $ # and white space are not allowed", route(modules))
    for twin, section in content.items():
        if walk.is_unknown(section) or not is_object(walk, (twin,), section):
            continue
        if twin not in _LAYER_PLACES:
            _module_twin_name(walk, (twin,), twin, modules)
        for key, value in section.items():
            if twin == AGENT:
                _dotted(walk, twin, key, value, "modules", one_module)
            elif twin == HUB:
                _dotted(walk, twin, key, value, "routes", one_route)
            elif not re.fullmatch(r"properties\.desired(\.[^.$\s]+)*", key):
                walk.add(
                    (twin, key), f"the key {key!r} is refused; {DESIRED!r} or {DESIRED + '.<section>'!r} is wanted"
                )
            check_desired(walk, (twin, key), value)


def _dotted(walk: Walk, twin: str, key: str, value: Any, group: str, rule: Callable[[Walk, Path, Any], None]) -> None:
    path: Path = (twin, key)
    whole = f"{DESIRED}.{group}"
    if key == whole:
        walk.add(path, f"{key!r} as a whole takes away what other layers set; name each: {_LAYER_PLACES[twin]!r}")
    elif key.startswith(f"{DESIRED}.systemModules"):
        walk.add(path, "a layer holds no system modules; they belong to the base deployment")
    elif not key.startswith(f"{whole}."):
        walk.add(path, f"the key {key!r} is refused in a layer; {_LAYER_PLACES[twin]!r} is wanted")
    elif not walk.is_unknown(value):
        _single(walk, path, key[len(whole) + 1 :], value, rule)


def _single(walk: Walk, path: Path, name: str, value: Any, rule: Callable[[Walk, Path, Any], None]) -> None:
    """Applies a rule for {name: value} whose path in the manifest has no step for the name."""
    inner = Walk(Findings(), walk.is_unknown)
    rule(inner, path, {name: value})
    for inner_path, reason, column in inner.findings.entries:
        walk.add((*path, *inner_path[len(path) + 1 :]), reason, column)


def _module_twin_name(walk: Walk, path: Path, name: str, modules: Collection[str]) -> None:
    if name not in modules:
        known = ", ".join(sorted(modules)) or "none"
        walk.add(path, f"desired properties for the module {name!r}, which is not deployed; there are: {known}")
