"""A managed online endpoint of Azure ML as ARM has it: who asks it, changes its traffic or reads its logs starts here.

https://learn.microsoft.com/rest/api/azureml/online-endpoints
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloud.arm import Arm
from cloud.reading import listed

API_VERSION = "2025-12-01"
CHOICE = "azureml-model-deployment"
"""The header of a request that asks for one deployment, whatever its share."""
_SAID_BY_AZURE = ("provisioningState", "scoringUri", "swaggerUri", "keys")


class EndpointInArm:
    """By its resource id. Raises ServiceError."""

    def __init__(self, arm: Arm, endpoint_id: str) -> None:
        self._arm = arm
        self.id = endpoint_id

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]

    def body(self) -> dict[str, Any]:
        return dict(self._arm.get(self.id, API_VERSION).body or {})

    def deployments(self) -> dict[str, dict[str, Any]]:
        """By name, as they are listed."""
        found = listed(
            lambda *asked, **query: self._arm.get(*asked, **query).body or {}, f"{self.id}/deployments", API_VERSION
        )
        return {str(one["name"]): dict(one) for one in found}

    def key(self) -> str:
        """The first of its two: to be used and kept nowhere."""
        keys = self._arm.request("POST", f"{self.id}/listKeys", API_VERSION).body or {}
        return str(keys.get("primaryKey", ""))

    def logs(self, deployment: str, lines: int, container: str = "InferenceServer") -> list[str]:
        """The last ones."""
        path = f"{self.id}/deployments/{deployment}/getLogs"
        answer = self._arm.request("POST", path, API_VERSION, body={"containerType": container, "tail": lines})
        return str((answer.body or {}).get("content") or "").splitlines()[-lines:]

    def shift(self, body: Mapping[str, Any], traffic: Mapping[str, int]) -> None:
        """Gives the deployments their shares of the traffic. `body` is what the endpoint is: a PUT says all of it."""
        wanted = sent_back(body)
        wanted["properties"]["traffic"] = dict(traffic)
        answer = self._arm.request("PUT", self.id, API_VERSION, body=wanted)
        self._arm.follow(answer, f"traffic of {self.name}")


def sent_back(body: Mapping[str, Any]) -> dict[str, Any]:
    """Of an answer what a PUT takes: without what Azure alone says."""
    kept = {name: body[name] for name in ("location", "kind", "sku", "tags") if body.get(name) is not None}
    if identity := dict(body.get("identity") or {}):
        users: dict[str, dict[str, str]] = {user: {} for user in identity.get("userAssignedIdentities") or ()}
        kept["identity"] = {"type": identity["type"], **({"userAssignedIdentities": users} if users else {})}
    properties = {
        name: value
        for name, value in (body.get("properties") or {}).items()
        if value is not None and name not in _SAID_BY_AZURE
    }
    return {**kept, "properties": properties}


def traffic_of(body: Mapping[str, Any]) -> dict[str, int]:
    """The deployments that have a share."""
    shares = (body.get("properties") or {}).get("traffic") or {}
    return {str(name): int(part) for name, part in shares.items() if part}
