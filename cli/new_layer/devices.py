"""Whether a stack has a device that a layer's condition is true of: a layer without one is deployed to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.manifest import parse_condition

_ENVIRONMENT = "environment"


def about_devices(condition: str, config: Mapping[str, Any], file: str) -> list[str]:
    """What to say of a condition that is true of no device of a stack; nothing where only the hub can know."""
    read = parse_condition(condition)
    twins = [_twin(device, config) for device in _devices(config)]
    if read.looks_at_reported or any(map(read.matches, twins)):
        return []
    how = f"give one the tag, or write another targetCondition: `edgeway:devices` of {file}"
    return [f"no device of the stack gets it yet, as {condition} is true of none ({_shown(twins)}): {how}"]


def _devices(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    devices = config.get("devices")
    return [one for one in devices if isinstance(one, Mapping) and "id" in one] if isinstance(devices, list) else []


def _twin(device: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    tags = device.get("tags")
    own = dict(tags) if isinstance(tags, Mapping) else {}
    return {"deviceId": str(device["id"]), "tags": {**own, _ENVIRONMENT: config.get(_ENVIRONMENT)}}


def _shown(twins: list[dict[str, Any]]) -> str:
    tags = sorted({f"{name}: {value}" for twin in twins for name, value in twin["tags"].items()})
    return f"their tags are {', '.join(tags)}" if twins else "the stack has no devices"
