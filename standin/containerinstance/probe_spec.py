"""Liveness and readiness probes as a container group's request describes them.

https://learn.microsoft.com/azure/container-instances/container-instances-liveness-probe
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.containerinstance.errors import InvalidGroup, NotBuilt
from standin.containers.probes import Probe

_DEFAULTS = {
    "initialDelaySeconds": (0, 0),
    "periodSeconds": (10, 1),
    "timeoutSeconds": (1, 1),
    "failureThreshold": (3, 1),
    "successThreshold": (1, 1),
}
"""Field -> default and least value."""


def parse_probe(value: Mapping[str, Any] | None, path: str) -> Probe | None:
    if not value:
        return None
    get, execute = value.get("httpGet"), value.get("exec")
    if (get is None) == (execute is None):
        raise InvalidGroup(f"{path} must have exactly one of httpGet, exec.")
    numbers = {name: _number(value, name, path) for name in _DEFAULTS}
    common: dict[str, Any] = {
        "initial_delay_seconds": numbers["initialDelaySeconds"],
        "period_seconds": numbers["periodSeconds"],
        "timeout_seconds": numbers["timeoutSeconds"],
        "failure_threshold": int(numbers["failureThreshold"]),
        "success_threshold": int(numbers["successThreshold"]),
    }
    if get is None:
        command = execute.get("command") if isinstance(execute, Mapping) else None
        if not isinstance(command, list) or not command:
            raise InvalidGroup(f"{path}.exec.command must be a list of at least one word.")
        return Probe(command=tuple(str(word) for word in command), **common)
    if str(get.get("scheme", "http")).lower() != "http":
        raise NotBuilt(f"{path}.httpGet.scheme '{get['scheme']}'")
    port = get.get("port")
    if not isinstance(port, int | float) or not 1 <= port <= 65535:
        raise InvalidGroup(f"{path}.httpGet.port {port!r} is not a port between 1 and 65535.")
    headers = tuple((str(each.get("name")), str(each.get("value"))) for each in get.get("httpHeaders") or ())
    return Probe(path=_path(get.get("path")), port=int(port), headers=headers, **common)


def _path(value: object) -> str:
    text = str(value or "/")
    return text if text.startswith("/") else f"/{text}"


def _number(value: Mapping[str, Any], name: str, path: str) -> float:
    default, least = _DEFAULTS[name]
    number = value.get(name)
    if number is None:
        return default
    if not isinstance(number, int | float) or number < least:
        raise InvalidGroup(f"{path}.{name} {number!r} is not a number of at least {least}.")
    return float(number)
