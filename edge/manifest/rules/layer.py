"""What a layered deployment may set: dotted keys that leave alone what other deployments set.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#layered-deployment
A layer may also bring the credentials of its registry (Azure/iotedge#4897), and what else has no other part beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from edge.manifest.merge import is_layered
from edge.manifest.modules import AGENT, HUB, module_names
from edge.manifest.problem import Findings, Path
from edge.manifest.rules.agent import (
    CREDENTIAL,
    MODULE,
    MODULE_NAME,
    MODULE_NAME_ALLOWED,
    RUNTIME_TEXTS,
    TWIN_NAME,
    TWIN_NAME_ALLOWED,
    check_names,
)
from edge.manifest.rules.hub import STORED, route, time_to_live
from edge.manifest.rules.shape import Check, Walk, is_object, mapping
from edge.manifest.rules.twin import check_desired

DESIRED = "properties.desired"
_RUNTIME = f"{DESIRED}.runtime.settings"
_STORING = f"{DESIRED}.storeAndForwardConfiguration"
_DOTTED = re.compile(r"properties\.desired(\.[^.$\s]+)*")
Named = Mapping[str, tuple[str, Check]]
"""The prefix of names -> what one is called, and the rule for {name: value}."""
Single = Mapping[str, Check]
"""A whole key -> the rule for its value."""


def check_layer(walk: Walk, content: Mapping[str, Any], known_modules: Collection[str]) -> None:
    modules = {*module_names(content), *known_modules}
    if AGENT not in content:
        walk.add((), f"{AGENT} is missing: a layer holds it even when it is empty ({{}})")
    if not is_layered(content):
        walk.add(
            (), "no key is dotted, so the hub takes it for a base; 'properties.desired.modules.<module>' is wanted"
        )
    check_names(walk, (AGENT,), module_names(content))
    for twin, section in content.items():
        if walk.is_unknown(section) or not is_object(walk, (twin,), section):
            continue
        _check_overlaps(walk, twin, section)
        if twin in (AGENT, HUB):
            _check_system_twin(walk, twin, section, modules)
        else:
            _check_module_twin(walk, twin, section, modules)


def _check_system_twin(walk: Walk, twin: str, section: Mapping[str, Any], modules: Collection[str]) -> None:
    named, single = _agent_places() if twin == AGENT else _hub_places(modules)
    for key, value in section.items():
        _place(walk, (twin, key), value, named, single)
        check_desired(walk, (twin, key), value, depth=key.count(".") - 1)


def _agent_places() -> tuple[Named, Single]:
    named = {
        f"{DESIRED}.modules": ("<module>", mapping(MODULE_NAME, MODULE_NAME_ALLOWED, MODULE)),
        f"{_RUNTIME}.registryCredentials": ("<registry>", mapping(TWIN_NAME, TWIN_NAME_ALLOWED, CREDENTIAL)),
    }
    return named, {f"{_RUNTIME}.{name}": check for name, check in RUNTIME_TEXTS.items()}


def _hub_places(modules: Collection[str]) -> tuple[Named, Single]:
    named = {f"{DESIRED}.routes": ("<route>", mapping(TWIN_NAME, TWIN_NAME_ALLOWED, route(modules)))}
    return named, {_STORING: STORED, f"{_STORING}.timeToLiveSecs": time_to_live}


def _place(walk: Walk, path: Path, value: Any, named: Named, single: Single) -> None:
    key = str(path[-1])
    prefix = next((one for one in named if key == one or key.startswith(f"{one}.")), None)
    if key in single:
        walk.check(single[key], path, value)
    elif key.startswith(f"{DESIRED}.systemModules"):
        walk.add(path, "a layer holds no system modules; they belong to the base deployment")
    elif prefix is None:
        places = ", ".join(repr(one) for one in (*(f"{one}.{what}" for one, (what, _) in named.items()), *single))
        walk.add(path, f"the key {key!r} is refused in a layer; one of {places} is wanted")
    elif key == prefix:
        what = f"{prefix}.{named[prefix][0]}"
        walk.add(path, f"{key!r} as a whole takes away what other layers set; name each: {what!r}")
    elif not walk.is_unknown(value):
        _single(walk, path, key[len(prefix) + 1 :], value, named[prefix][1])


def _single(walk: Walk, path: Path, name: str, value: Any, rule: Callable[[Walk, Path, Any], None]) -> None:
    """Applies a rule for {name: value} whose path in the manifest has no step for the name."""
    inner = Walk(Findings(), walk.is_unknown)
    rule(inner, path, {name: value})
    for inner_path, reason, column in inner.findings.entries:
        walk.add((*path, *inner_path[len(path) + 1 :]), reason, column)


def _check_module_twin(walk: Walk, twin: str, section: Mapping[str, Any], modules: Collection[str]) -> None:
    module_twin_name(walk, (twin,), twin, modules)
    for key, value in section.items():
        if not _DOTTED.fullmatch(key):
            walk.add((twin, key), f"the key {key!r} is refused; {DESIRED!r} or {DESIRED + '.<section>'!r} is wanted")
        elif key == DESIRED and not walk.is_unknown(value):
            is_object(walk, (twin, key), value)
        check_desired(walk, (twin, key), value, depth=key.count(".") - 1)


def _check_overlaps(walk: Walk, twin: str, section: Mapping[str, Any]) -> None:
    """No page says which of two keys of one section counts where one lies inside the other."""
    for key in section:
        above = next((one for one in section if key.startswith(f"{one}.")), None)
        if above is not None:
            walk.add((twin, key), f"{above!r} is set too, and it lies inside that: set it there")


def module_twin_name(walk: Walk, path: Path, name: str, modules: Collection[str]) -> None:
    if name not in modules:
        known = ", ".join(sorted(modules)) or "none"
        walk.add(path, f"desired properties for the module {name!r}, which is not deployed; there are: {known}")
