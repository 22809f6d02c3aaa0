"""`$edgeHub`'s desired properties: routes and store-and-forward, checked as edgeHub checks them.

https://learn.microsoft.com/azure/iot-edge/module-edgeagent-edgehub#edgehub-desired-properties
https://github.com/Azure/iotedge/blob/main/edge-hub/core/src/Microsoft.Azure.Devices.Edge.Hub.Core/config/EdgeHubDesiredProperties_1_1.cs
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.edgeruntime.hub.domain.routing.errors import ConfigurationError, SchemaError
from standin.edgeruntime.hub.domain.routing.routes import FOREVER, LOWEST_PRIORITY, Route, RouteTable, compile_route

SCHEMA_VERSIONS = ("1.0", "1.1", "1.2", "1.3")
MAX_TTL_S = 2**31 - 1
MAX_TTL_OF_A_ROUTE_S = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Configuration:
    schema_version: str
    routes: RouteTable
    ttl_s: float


def read_configuration(desired: Mapping[str, Any]) -> Configuration:
    version = desired.get("schemaVersion")
    if not isinstance(version, str) or ".".join(version.split(".")[:2]) not in SCHEMA_VERSIONS:
        raise SchemaError(f"schemaVersion {version!r} is not supported; allowed: {', '.join(SCHEMA_VERSIONS)}")
    stored = desired.get("storeAndForwardConfiguration")
    if not isinstance(stored, Mapping):
        raise ConfigurationError("storeAndForwardConfiguration is missing; for example {'timeToLiveSecs': 7200}")
    ttl = _integer("storeAndForwardConfiguration.timeToLiveSecs", stored.get("timeToLiveSecs"), None, MAX_TTL_S)
    routes = desired.get("routes")
    if not isinstance(routes, Mapping):
        raise ConfigurationError("routes is missing; allowed: an object of routes, which may be empty")
    if version.split(".")[:2] == ["1", "0"] and not all(isinstance(spec, str) for spec in routes.values()):
        raise ConfigurationError("schemaVersion 1.0 has routes of text alone; 1.1 has objects")
    ttl_s = FOREVER if ttl < 0 else float(ttl)
    return Configuration(version, RouteTable(_route(str(name), spec, ttl_s) for name, spec in routes.items()), ttl_s)


def _route(name: str, spec: Any, ttl_s: float) -> Route:
    if isinstance(spec, str):
        return compile_route(name, spec, ttl_s=ttl_s)
    if not isinstance(spec, Mapping) or not isinstance(spec.get("route"), str):
        raise ConfigurationError(f"route {name!r}: {spec!r} is neither a text nor an object with a text 'route'")
    priority = _integer(f"routes.{name}.priority", spec.get("priority", LOWEST_PRIORITY), 0, LOWEST_PRIORITY)
    if 9 < priority < LOWEST_PRIORITY:
        raise ConfigurationError(f"routes.{name}.priority is {priority}; allowed: 0 to 9")
    own = _integer(f"routes.{name}.timeToLiveSecs", spec.get("timeToLiveSecs", 0), 0, MAX_TTL_OF_A_ROUTE_S)
    return compile_route(name, spec["route"], priority=priority, ttl_s=float(own) if own else ttl_s)


def _integer(name: str, value: Any, low: int | None, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value > high or (low is not None and value < low):
        raise ConfigurationError(
            f"{name} is {value!r}; allowed: a whole number {'up' if low is None else f'{low}'} to {high}"
        )
    return value
