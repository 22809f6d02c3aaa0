"""The content of a configuration: for each module the desired properties, whole or by dotted path.

A *standard* deployment (base) describes all of `$edgeAgent` and `$edgeHub`; a *layered* one adds to it.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#layered-deployment
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.iothub.kernel.errors import BadRequest
from standin.iothub.registry.identity import EDGE_AGENT_MODULE, EDGE_HUB_MODULE, SYSTEM_MODULES
from standin.iothub.twins.limits import check_section

DESIRED = "properties.desired"
_MODULES_LIMIT = 50

ModulesContent = Mapping[str, Mapping[str, Any]]


def is_layered(content: ModulesContent) -> bool:
    dotted = any(key != DESIRED for section in content.values() for key in section)
    return dotted or DESIRED not in content.get(EDGE_AGENT_MODULE, {})


def desired_path(key: str) -> tuple[str, ...]:
    """`properties.desired.modules.m` -> (modules, m); `properties.desired` -> ()."""
    return tuple(key.removeprefix(f"{DESIRED}.").split(".")) if key != DESIRED else ()


def check_content(content: Any) -> ModulesContent:
    """-> the modulesContent of a configuration's `content`; raises BadRequest naming what is wrong."""
    if not isinstance(content, Mapping):
        raise _invalid("content is missing")
    for other in ("deviceContent", "moduleContent"):
        if content.get(other):
            raise _invalid(f"{other} (configurations of twins) is not built in this hub, allowed is modulesContent")
    modules = content.get("modulesContent")
    if not isinstance(modules, Mapping) or not modules:
        raise _invalid("modulesContent is missing or empty")
    for module, section in modules.items():
        _check_module(module, section)
    if EDGE_AGENT_MODULE not in modules:
        raise _invalid(f"modulesContent has no {EDGE_AGENT_MODULE}; a layered deployment names it too, it may be {{}}")
    _check_kind(modules)
    return modules


def _check_module(module: str, section: Any) -> None:
    if not isinstance(section, Mapping):
        raise _invalid(f"{module} is not an object")
    for key, value in section.items():
        if key != DESIRED and not key.startswith(DESIRED + "."):
            raise _invalid(f"{module} has the key {key!r}, allowed are {DESIRED} and {DESIRED}.<path>")
        path = desired_path(key)
        if "" in path:
            raise _invalid(f"{module} has the key {key!r} with an empty name in its path")
        if not path and not isinstance(value, Mapping):
            raise _invalid(f"{module}'s {DESIRED} is not an object")
        check_section("desired", _nested(path, value))


def _nested(path: tuple[str, ...], value: Any) -> Mapping[str, Any]:
    for name in reversed(path):
        value = {name: value}
    nested: Mapping[str, Any] = value
    return nested


def _check_kind(modules: ModulesContent) -> None:
    if is_layered(modules):
        _check_layer(modules)
        return
    for module, names in ((EDGE_AGENT_MODULE, ("runtime", "systemModules")), (EDGE_HUB_MODULE, ("routes",))):
        desired = modules.get(module, {}).get(DESIRED)
        if desired is None:
            raise _invalid(f"a standard deployment needs {module} with {DESIRED}")
        for name in ("schemaVersion", *names):
            if name not in desired:
                raise _invalid(f"{module}'s {DESIRED} has no {name}")
    named = modules[EDGE_AGENT_MODULE][DESIRED].get("modules", {})
    if isinstance(named, Mapping) and len(named) > _MODULES_LIMIT:
        raise _invalid(f"{len(named)} modules, allowed are {_MODULES_LIMIT}")


def _check_layer(modules: ModulesContent) -> None:
    for module in SYSTEM_MODULES:
        for key in modules.get(module, {}):
            if not desired_path(key):
                raise _invalid(f"a layered deployment cannot set {module}'s {DESIRED} as a whole")
            if desired_path(key)[0] == "systemModules":
                raise _invalid(f"a layered deployment cannot set system modules, found {key} in {module}")


def _invalid(what: str) -> BadRequest:
    message = f"The content provided for configuration is invalid. Please check and try again: {what}"
    return BadRequest(message, code="InvalidConfigurationContent")
