"""What is built of an IoT hub as ARM describes it, and what is refused.

https://learn.microsoft.com/azure/templates/microsoft.devices/iothubs
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.arm import Resource
from standin.core.errors import BadRequest

KEEPS: tuple[str, ...] = (
    "sku",
    "identity",
    *(
        f"properties.{name}"
        for name in (
            "authorizationPolicies", "cloudToDevice", "comments", "disableDeviceSAS", "disableLocalAuth",
            "disableModuleSAS", "enableDataResidency", "eventHubEndpoints", "features", "ipFilterRules",
            "messagingEndpoints", "minTlsVersion", "networkRuleSets", "publicNetworkAccess", "routing",
        )
    ),
)  # fmt: skip
BUILT: Mapping[str, tuple[Any, ...]] = {
    "properties.enableFileUploadNotifications": (False,),
    "properties.restrictOutboundNetworkAccess": (False,),
    "properties.storageEndpoints[*].connectionString": (),
    "properties.storageEndpoints[*].containerName": (),
    "properties.routing.fallbackRoute.condition": ("true",),
    "properties.routing.fallbackRoute.source": ("DeviceMessages",),
    "properties.routing.fallbackRoute.endpointNames": (["events"],),
}
# path below properties -> the values that are built; another one is refused, not ignored
_BUILT: dict[str, tuple[Any, ...]] = {
    "authorizationPolicies": (None, []),
    "publicNetworkAccess": (None, "Enabled"),
    "ipFilterRules": (None, []),
    "networkRuleSets": (None,),
    "routing.routes": (None, []),
    "routing.enrichments": (None, []),
    "routing.fallbackRoute.isEnabled": (None, True, False),
}


def check_built(new: Resource) -> None:
    for path, allowed in _BUILT.items():
        value: Any = new.properties
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value not in allowed:
            good = " and ".join(repr(one) for one in allowed if one is not None)
            raise BadRequest(f"properties.{path} is {value!r}: built is {good or 'none'}.", code="400004")
    endpoints = (new.properties.get("routing") or {}).get("endpoints") or {}
    if unknown := sorted(set(new.properties.get("eventHubEndpoints") or {}) - {"events"}):
        raise BadRequest(f"properties.eventHubEndpoints: built is events, got {', '.join(unknown)}.", code="400004")
    if any(endpoints.values()):
        raise BadRequest("properties.routing.endpoints: custom endpoints are not built.", code="400004")
