"""A configuration's content as the hub keeps it, which need not be letter for letter what was sent.

No page says that it is: so this hub leaves out what is null, and empty objects inside a module's entry, writes whole
numbers without a fraction, and fills in when an image is pulled. It means the same to a device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.iothub.configurations.content import DESIRED, ModulesContent, desired_path
from standin.iothub.registry.identity import EDGE_AGENT_MODULE

_SECTIONS = ("modules", "systemModules")
_FILLED_IN = {"imagePullPolicy": "on-create"}


def normalised(content: ModulesContent) -> dict[str, Any]:
    return {module: _section(module, section) for module, section in content.items()}


def _section(module: str, section: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: _plain(value) for key, value in section.items()}
    if module == EDGE_AGENT_MODULE:
        return {key: _of_agent(key, value) for key, value in plain.items()}
    return plain


def _of_agent(key: str, value: Any) -> Any:
    path = desired_path(key)
    if key == DESIRED:
        filled = {name: _entries(value[name]) for name in _SECTIONS if name in value}
        return {**value, **filled}
    return _entry(value) if len(path) == 2 and path[0] in _SECTIONS else value


def _entries(entries: Any) -> Any:
    return {name: _entry(entry) for name, entry in entries.items()} if isinstance(entries, Mapping) else entries


def _entry(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    return {**_FILLED_IN, **{name: member for name, member in entry.items() if member != {}}}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
