"""Is what a hub shows of a deployment's content what was sent? Equality is too strict where a hub writes it otherwise.

Nobody documents that IoT Hub gives content back unchanged. Taken for the same: members that are null or empty and not
there, a number in another form, a member with a single value that a module's or a route's entry has besides what was
sent (`imagePullPolicy`). Not taken for the same: another name among modules or routes, or anything else in them; a
label copied with a deployment says nothing of its content, so none is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.manifest.modules import AGENT, HUB

_ENTRIES = {(AGENT, "modules"), (AGENT, "systemModules"), (HUB, "routes")}
_ENTRY_DEPTH = 5
"""`$edgeAgent`, `properties`, `desired`, `modules`, the module's name."""


def is_same_content(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Of two mappings as they stand under `modulesContent`."""
    return _covers(_plain(sent), _plain(shown), ())


def as_sent(sent: Any, shown: Any, path: tuple[str, ...] = ()) -> Any:
    """What is shown, written as it was sent wherever it is the same: what is left of a difference is somebody's."""
    if _covers(_plain(sent), _plain(shown), path):
        return sent
    if not (isinstance(sent, Mapping) and isinstance(shown, Mapping)):
        return shown
    kept = {name: value for name, value in sent.items() if name not in shown and _is_nothing(_plain(value))}
    filled_in = {name for name in shown.keys() - sent.keys() if _is_entry(path) and _is_single(shown[name])}
    both = {name: as_sent(sent[name], shown[name], _below(path, name)) for name in shown.keys() & sent.keys()}
    return {**kept, **{name: both.get(name, shown[name]) for name in shown if name not in filled_in}}


def _plain(value: Any) -> Any:
    """Without members that are null or empty, at any depth."""
    if isinstance(value, Mapping):
        members = ((name, _plain(member)) for name, member in value.items())
        return {name: member for name, member in members if not _is_nothing(member)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _covers(sent: Any, shown: Any, path: tuple[str, ...]) -> bool:
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):
        more = [shown[name] for name in shown.keys() - sent.keys()]
        if more and not (_is_entry(path) and all(_is_single(value) for value in more)):
            return False
        return all(name in shown and _covers(value, shown[name], _below(path, name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(shown, list):
        pairs = zip(sent, shown, strict=False)
        return len(sent) == len(shown) and all(_covers(one, other, (*path, "[]")) for one, other in pairs)
    return isinstance(sent, bool) == isinstance(shown, bool) and bool(sent == shown)


def _below(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    """A section's keys are dotted paths."""
    return (*path, *(name.split(".") if len(path) == 1 else (name,)))


def _is_nothing(value: Any) -> bool:
    return value is None or value in ({}, [])


def _is_entry(path: tuple[str, ...]) -> bool:
    return len(path) == _ENTRY_DEPTH and (path[0], path[3]) in _ENTRIES


def _is_single(value: Any) -> bool:
    return not isinstance(value, Mapping | list)
