"""Liveness and readiness probes: how they are described, and what a row of results means.

https://learn.microsoft.com/azure/container-instances/container-instances-liveness-probe (Kubernetes' semantics)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from standin.containerinstance.errors import InvalidGroup, NotBuilt

_DEFAULTS = {
    "initialDelaySeconds": (0, 0),
    "periodSeconds": (10, 1),
    "timeoutSeconds": (1, 1),
    "failureThreshold": (3, 1),
    "successThreshold": (1, 1),
}
"""Field -> default and least value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    command: tuple[str, ...] = ()
    """Runs in the container; else an HTTP GET."""
    path: str = "/"
    port: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    initial_delay_s: float
    period_s: float
    timeout_s: float
    failure_threshold: int
    success_threshold: int

    @property
    def what(self) -> str:
        return " ".join(self.command) if self.command else f"GET :{self.port}{self.path}"


@dataclass(slots=True)
class Track:
    """The state of one probe of one run of a container."""

    probe: Probe
    healthy: bool | None = None
    """None until the first threshold is reached."""
    _row: list[bool] = field(default_factory=list)

    def feed(self, passed: bool) -> Literal["up", "down"] | None:
        """One result; says when the state turns. A further full row of failures is "down" again."""
        if self._row and self._row[-1] is not passed:
            self._row.clear()
        self._row.append(passed)
        threshold = self.probe.success_threshold if passed else self.probe.failure_threshold
        if len(self._row) < threshold:
            return None
        if passed:
            turned = self.healthy is not True
            self.healthy = True
            return "up" if turned else None
        self._row.clear()
        self.healthy = False
        return "down"


def passes(status: int) -> bool:
    return 200 <= status < 400


def parse_probe(value: Mapping[str, Any] | None, path: str) -> Probe | None:
    if not value:
        return None
    get, execute = value.get("httpGet"), value.get("exec")
    if (get is None) == (execute is None):
        raise InvalidGroup(f"{path} must have exactly one of httpGet, exec.")
    numbers = {name: _number(value, name, path) for name in _DEFAULTS}
    common: dict[str, Any] = {
        "initial_delay_s": numbers["initialDelaySeconds"],
        "period_s": numbers["periodSeconds"],
        "timeout_s": numbers["timeoutSeconds"],
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
