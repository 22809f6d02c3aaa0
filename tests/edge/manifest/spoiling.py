"""Places of a manifest that tests spoil, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edge.manifest import AGENT, HUB
from tests.edge.manifest.manifests import layer

DESIRED = "properties.desired"
RUNTIME = "properties.desired.runtime.settings"
CREDENTIALS = f"{RUNTIME}.registryCredentials"
STORING = "properties.desired.storeAndForwardConfiguration"
SENSOR = "properties.desired.modules.sensor"
ROUTE = "properties.desired.routes.scorerToUpstream"
Spoil = Callable[[dict[str, Any]], Any]


def storing(content: dict[str, Any], seconds: Any) -> None:
    content[HUB][DESIRED]["storeAndForwardConfiguration"]["timeToLiveSecs"] = seconds


def object_route(version: str) -> dict[str, Any]:
    return {"schemaVersion": version, "routes": {"up": {"route": "FROM /messages/* INTO $upstream"}}}


def many(count: int) -> dict[str, Any]:
    return {f"m{number}": layer()[AGENT][SENSOR] for number in range(count)}


def settings(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content[AGENT][SENSOR]["settings"]
    return found
