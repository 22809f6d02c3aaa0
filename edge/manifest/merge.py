"""Which configurations a device follows, and what they make together: IoT Hub's rules for layered deployments.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#layered-deployment
Base: the standard deployment of the highest priority (the younger of two equal ones). Layers: all matching ones with a
priority above the base's, ascending; a later one replaces whole modules and routes of an earlier one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from edge.manifest.conditions.parse import ConditionSyntaxError, parse_condition
from edge.manifest.modules import AGENT, HUB

Standing = Literal["Applied", "Targeted"]
_DESIRED = "properties.desired"


@dataclass(frozen=True, slots=True)
class Winner:
    """Who decides one module, route or property (`key`), and over whom."""

    key: str
    configuration: str
    why: str
    overridden: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """What one device is told. `desired` is per module twin; empty when no base matches (twins stay as they are)."""

    device: str
    base: str | None = None
    layers: list[str] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    desired: dict[str, dict[str, Any]] = field(default_factory=dict)
    winners: dict[str, Winner] = field(default_factory=dict)
    standings: dict[str, dict[str, Standing]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def modules(self) -> dict[str, Any]:
        modules = self.desired.get(AGENT, {}).get("modules", {})
        return modules if isinstance(modules, dict) else {}


def plan(configurations: Sequence[Mapping[str, Any]], devices: Sequence[Mapping[str, Any]]) -> list[Plan]:
    return [merge(configurations, device) for device in devices]


def merge(configurations: Sequence[Mapping[str, Any]], device: Mapping[str, Any]) -> Plan:
    """`device` is a twin (deviceId, tags, capabilities); `configurations` as the service shows them."""
    result = Plan(device=str(device["deviceId"]))
    matching = _matching(configurations, device, result)
    standard = sorted((entry for entry in matching if not is_layered(_content(entry))), key=_rank)
    layered = sorted((entry for entry in matching if is_layered(_content(entry))), key=_rank)
    if not standard:
        for entry in layered:
            result.passed_over[_id(entry)] = "no base deployment targets the device, so no layer takes effect"
        return result
    base = standard[-1]
    result.base = _id(base)
    for entry in standard[:-1]:
        result.passed_over[_id(entry)] = f"{result.base} is the base: {_beats(base, entry)}"
    chosen = _layers(layered, base, result)
    for entry in (base, *chosen):
        _apply(entry, result, is_base=entry is base)
    _stand(matching, chosen, base, result)
    return result


def is_layered(content: Mapping[str, Any]) -> bool:
    return any(
        str(key).startswith(f"{_DESIRED}.")
        for section in content.values()
        if isinstance(section, Mapping)
        for key in section
    )


def _matching(
    configurations: Sequence[Mapping[str, Any]], device: Mapping[str, Any], result: Plan
) -> list[Mapping[str, Any]]:
    if not (device.get("capabilities") or {}).get("iotEdge"):
        result.warnings.append(f"device {result.device} is no edge device (capabilities.iotEdge)")
        return []
    matching = []
    for entry in configurations:
        if not _content(entry):
            continue
        try:
            matches = parse_condition(str(entry.get("targetCondition") or "")).matches(device)
        except ConditionSyntaxError as error:
            result.warnings.append(f"{_id(entry)}: target condition: {error}")
            continue
        if matches:
            matching.append(entry)
        else:
            result.passed_over[_id(entry)] = "the target condition is not true for the device"
    return matching


def _layers(layered: Sequence[Mapping[str, Any]], base: Mapping[str, Any], result: Plan) -> list[Mapping[str, Any]]:
    chosen = []
    for entry in layered:
        if _priority(entry) > _priority(base):
            chosen.append(entry)
        else:
            reason = f"priority {_priority(entry)} is not above the base's {_priority(base)}"
            result.passed_over[_id(entry)] = reason
            if _priority(entry) == _priority(base):
                result.warnings.append(f"{_id(entry)}: {reason} ({result.base})")
    result.layers = [_id(entry) for entry in chosen]
    for lower, upper in pairwise(chosen):
        if _priority(lower) == _priority(upper) and _keys(lower) & _keys(upper):
            both = ", ".join(sorted(_keys(lower) & _keys(upper)))
            result.warnings.append(
                f"{_id(lower)} and {_id(upper)} have priority {_priority(lower)} and both set {both}"
            )
    return chosen


def _apply(entry: Mapping[str, Any], result: Plan, *, is_base: bool) -> None:
    for twin, section in _content(entry).items():
        for key, value in (section or {}).items():
            path = str(key).split(".")[2:]
            desired = result.desired.setdefault(twin, {})
            if not path:
                result.desired[twin] = copy.deepcopy(dict(value))
            else:
                _put(desired, path, copy.deepcopy(value))
            for name in _decided(twin, path, value):
                _win(name, entry, result, is_base=is_base)


def _put(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for part in path[:-1]:
        below = target.get(part)
        if not isinstance(below, dict):
            below = target[part] = {}
        target = below
    target[path[-1]] = value


def _decided(twin: str, path: Sequence[str], value: Any) -> list[str]:
    """Names of what one section settles: `module m`, `route r`, or `properties m.path`."""
    group = {AGENT: ("modules", "module"), HUB: ("routes", "route")}.get(twin)
    if group is None:
        return [f"properties {'.'.join((twin, *path))}"]
    name, word = group
    if path[:1] == [name] and len(path) > 1:
        return [f"{word} {path[1]}"]
    if path and list(path) != [name]:
        return [f"properties {'.'.join((twin, *path))}"]
    entries = value if path else value.get(name)
    return [f"{word} {key}" for key in entries] if isinstance(entries, Mapping) else []


def _win(key: str, entry: Mapping[str, Any], result: Plan, *, is_base: bool) -> None:
    before = result.winners.get(key)
    overridden = (*before.overridden, before.configuration) if before else ()
    why = f"base deployment, priority {_priority(entry)}" if is_base else f"layer, priority {_priority(entry)}"
    if before:
        why += f", over {before.configuration}"
    result.winners[key] = Winner(key, _id(entry), why, overridden)


def _stand(
    matching: Sequence[Mapping[str, Any]], chosen: Sequence[Mapping[str, Any]], base: Mapping[str, Any], result: Plan
) -> None:
    """A layer that sets nothing of $edgeAgent stays Targeted on that twin (Azure/iotedge #5299)."""
    agent: dict[str, Standing] = {_id(entry): "Targeted" for entry in matching}
    result.standings[AGENT] = agent
    for entry in (base, *chosen):
        for twin, section in _content(entry).items():
            if section:
                result.standings.setdefault(twin, {})[_id(entry)] = "Applied"


def _keys(entry: Mapping[str, Any]) -> set[str]:
    return {f"{twin}.{key}" for twin, section in _content(entry).items() for key in (section or {})}


def _beats(winner: Mapping[str, Any], loser: Mapping[str, Any]) -> str:
    if _priority(winner) > _priority(loser):
        return f"priority {_priority(winner)} is above {_priority(loser)}"
    return f"the same priority {_priority(loser)}, and it is younger"


def _rank(entry: Mapping[str, Any]) -> tuple[int, str]:
    return _priority(entry), str(entry.get("createdTimeUtc") or "")


def _priority(entry: Mapping[str, Any]) -> int:
    return int(entry.get("priority") or 0)


def _id(entry: Mapping[str, Any]) -> str:
    return str(entry["id"])


def _content(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    content = (entry.get("content") or {}).get("modulesContent")
    return content if isinstance(content, Mapping) else {}
