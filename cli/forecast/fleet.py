"""Which devices a change reaches: each device's deployments merged as IoT Hub does it, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.forecast.differences import changes_unseen
from cli.forecast.operations import Operation, Operations, is_known, is_withheld
from cloud.wording import counted
from edge.manifest import AGENT, BASE_PRIORITY, HUB, Plan, merge, parenthesised

_Twins = dict[str, dict[str, Any]]
_ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """What one device notices. `deployments`: the names of those that bring it."""

    id: str
    fate: str
    """`new`, `gone`, `changed` or `same`."""
    restarts: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    deployments: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        """`scorer restarts, sensor starts`."""
        groups = ((self.restarts, "restart"), (self.starts, "start"), (self.stops, "stop"))
        said = [f"{', '.join(names)} {verb}{'s' if len(names) == 1 else ''}" for names, verb in groups if names]
        return ", ".join(said) or "no module restarts"


@dataclass(frozen=True, slots=True)
class _Side:
    """The hub as it is before, or after."""

    twins: _Twins
    configurations: list[dict[str, Any]]

    def plan(self, device: str) -> Plan | None:
        return merge(self.configurations, self.twins[device]) if device in self.twins else None


def fleet(operations: Operations) -> list[DeviceChange]:
    """Every device of the stack, by its id."""
    before, after = (_side(operations, side) for side in ("old", "new"))
    return [_change(device, before, after) for device in sorted({*before.twins, *after.twins})]


def reached(devices: Iterable[DeviceChange], deployment: str) -> list[str]:
    """The devices that a deployment brings something to, and that stay."""
    return [one.id for one in devices if one.fate != "gone" and deployment in one.deployments]


def arrival(devices: Sequence[DeviceChange], deployments: Iterable[str], verb: str) -> list[str]:
    """`1 device gets it`, `2 others change`. A new one is told as new; where all are, nobody changes."""
    getting = {device for name in deployments for device in reached(devices, name)}
    others = {one.id for one in devices if one.fate in ("changed", "gone")} - getting
    told = [f"{counted(len(getting), 'device')} {verb}{'s' if len(getting) == 1 else ''} it"]
    if all(one.fate == "new" for one in devices):
        return told
    return [*told, f"{counted(len(others), 'other')} {'changes' if len(others) == 1 else 'change'}"]


def _change(device: str, before: _Side, after: _Side) -> DeviceChange:
    old, new = before.plan(device), after.plan(device)
    told, tells = (old.desired if old else {}), (new.desired if new else {})
    if not new:
        return DeviceChange(device, "gone")
    modules = {**_modules(told)}, {**_modules(tells)}
    both = sorted({*modules[0]} & {*modules[1]})
    return DeviceChange(
        device,
        "new" if not old else "same" if told == tells else "changed",
        restarts=tuple(name for name in both if modules[0][name] != modules[1][name]),
        starts=tuple(sorted({*modules[1]} - {*modules[0]})),
        # a device of which no base deployment is true any more keeps what it has
        stops=tuple(sorted({*modules[0]} - {*modules[1]})) if new.base else (),
        deployments=frozenset(_deciding(old, told, tells) | _deciding(new, told, tells)),
    )


def _modules(desired: Mapping[str, Any]) -> Mapping[str, Any]:
    agent = desired.get(AGENT) or {}
    return {**(agent.get("systemModules") or {}), **(agent.get("modules") or {})}


def _deciding(plan: Plan | None, told: Mapping[str, Any], tells: Mapping[str, Any]) -> set[str]:
    """The deployments that decide, on this side, over what differs."""
    if plan is None:
        return set()
    found = {winner.configuration for key, winner in plan.winners.items() if _part(told, key) != _part(tells, key)}
    if plan.base and _without_parts(told) != _without_parts(tells):
        found.add(plan.base)
    return found


def _part(desired: Mapping[str, Any], key: str) -> Any:
    """Of `module m`, `route r` or `properties <twin>.<path>`."""
    kind, _, name = key.partition(" ")
    if kind == "module":
        return ((desired.get(AGENT) or {}).get("modules") or {}).get(name)
    if kind == "route":
        return ((desired.get(HUB) or {}).get("routes") or {}).get(name)
    value: Any = desired
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _without_parts(desired: Mapping[str, Any]) -> Any:
    """What a base deployment alone sets: the runtime and the system modules."""
    agent, hub = desired.get(AGENT) or {}, desired.get(HUB) or {}
    return (
        {name: value for name, value in agent.items() if name != "modules"},
        {name: value for name, value in hub.items() if name != "routes"},
    )


def _side(operations: Operations, side: str) -> _Side:
    """What the operations leave out, as they change nothing of it, stands in the stack's configuration."""
    twins, base, layers = _configured(operations.config)
    touched_devices, touched_names = set(), set()
    live: _Twins = {}
    deployed: list[dict[str, Any]] = []
    for one in operations.of("DeviceIdentity", "create", "update", "replace", "delete", "same"):
        touched_devices |= {str(given.get("deviceId")) for given in (one.old, one.new)}
        if inputs := _inputs(one.old, one.new, side):
            live[str(inputs["deviceId"])] = _twin(str(inputs["deviceId"]), inputs.get("tags") or {})
    for one in operations.of("EdgeDeployment", "create", "update", "replace", "delete", "same"):
        touched_names |= {str(given.get("name")) for given in (one.old, one.new)}
        if inputs := _inputs(one.old, one.new, side):
            deployed.append(_configuration(one, inputs, side))
    live |= {name: twin for name, twin in twins.items() if name not in touched_devices}
    # the log of an `up` has all that it came to: a layer that is not there was not deployed when it failed
    configurations = [base] if operations.done else [base, *layers]
    return _Side(live, deployed + [one for one in configurations if one["id"] not in touched_names])


def _inputs(old: Mapping[str, Any], new: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    return old if side == "old" else new


def _twin(device: str, tags: Mapping[str, Any]) -> dict[str, Any]:
    return {"deviceId": device, "tags": dict(tags), "capabilities": {"iotEdge": True}}


def _configuration(deployment: Operation, inputs: Mapping[str, Any], side: str) -> dict[str, Any]:
    condition, content = inputs.get("targetCondition"), inputs.get("content")
    if is_withheld(content):
        content = _something(deployment.name, side if changes_unseen(deployment) else "")
    return {
        "id": str(inputs["name"]),
        "targetCondition": condition if is_known(condition) else "",
        "priority": inputs.get("priority") or 0,
        "content": {"modulesContent": content if isinstance(content, Mapping) else {}},
    }


def _something(layer: str, which: str = "") -> dict[str, Any]:
    """What the layer sets is not told; that it sets something is enough to see who gets or loses it."""
    return {AGENT: {f"properties.desired.modules.layer {layer}": {"settings": which}}}


def _configured(config: Mapping[str, str]) -> tuple[_Twins, dict[str, Any], list[dict[str, Any]]]:
    """Devices, base and layers as the stack's configuration has them: their conditions, without their content."""
    environment = config.get("edgeway:environment", "")
    devices: Sequence[Mapping[str, Any]] = _parsed(config.get("edgeway:devices"))
    layers: Sequence[Mapping[str, Any]] = _parsed(config.get("edgeway:layers"))
    twins = {
        str(one["id"]): _twin(str(one["id"]), {**(one.get("tags") or {}), _ENVIRONMENT: environment}) for one in devices
    }
    base = _deployment(f"{environment}-base", f"tags.{_ENVIRONMENT} = '{environment}'", BASE_PRIORITY)
    base["content"]["modulesContent"] = {AGENT: {"properties.desired": {"modules": {}}}}
    layered = []
    for layer in layers:
        own = str(layer.get("targetCondition", ""))
        own = "deviceId != ''" if own.strip() == "*" else parenthesised(own)
        name = str(layer["name"])
        one = _deployment(f"{environment}-{name.replace('_', '-')}", f"tags.{_ENVIRONMENT} = '{environment}' and {own}")
        one["priority"] = layer.get("priority") or 0
        one["content"]["modulesContent"] = _something(name)
        layered.append(one)
    return twins, base, layered


def _deployment(name: str, condition: str, priority: int = 0) -> dict[str, Any]:
    return {"id": name, "targetCondition": condition, "priority": priority, "content": {"modulesContent": {}}}


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "[]")
    except ValueError:
        return []
