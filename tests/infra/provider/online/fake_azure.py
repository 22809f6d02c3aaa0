"""An endpoint of Azure ML behind ARM, as bodies."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cloud.arm import Answer
from cloud.errors import ServiceError
from tests.infra.provider.fake_arm import missing, ok

ENDPOINT = (
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
    "/onlineEndpoints/ep-anomaly"
)
IDENTITY = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
_TOKENS = {
    "onlineEndpoints": "machinelearningservices:OnlineEndpoint",
    "deployments": "machinelearningservices:OnlineDeployment",
}


class FakeAzure:
    """Stands where `cloud.arm._send` stands."""

    def __init__(self) -> None:
        self.endpoint: dict[str, Any] | None = {
            "id": ENDPOINT,
            "name": "ep-anomaly",
            "location": "westeurope",
            "kind": "Managed",
            "tags": {"project": "edgeway"},
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": {IDENTITY: {"principalId": "p", "clientId": "c"}},
            },
            "systemData": {"createdBy": "somebody"},
            "properties": {
                "authMode": "Key",
                "publicNetworkAccess": "Enabled",
                "provisioningState": "Succeeded",
                "scoringUri": "https://ep-anomaly.westeurope.inference.ml.azure.com/score",
                "swaggerUri": "https://ep-anomaly.westeurope.inference.ml.azure.com/swagger.json",
                "properties": {"createdBy": "edgeway"},
                "traffic": {},
                "mirrorTraffic": {},
            },
        }
        self.deployments: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.put: list[tuple[str, Any]] = []
        """Type and body of each PUT."""
        self.failing: set[str] = set()
        """Environment ids whose deployments do not come up."""

    @property
    def traffic(self) -> dict[str, int]:
        assert self.endpoint
        shares: dict[str, int] = self.endpoint["properties"]["traffic"]
        return shares

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        assert parameters["api-version"] == "2025-12-01"
        path = urlsplit(url).path
        if self.endpoint is None:
            raise missing(path)
        _, _, below = path.partition(ENDPOINT)
        if method in ("PUT", "PATCH", "DELETE"):
            self.writes.append(f"{method} {below or '/'}")
        if method == "PUT":
            self.put.append((_TOKENS[path.split("/")[-2]], copy.deepcopy(body)))
        if below.startswith("/deployments/"):
            return self._deployment(method, below.split("/")[2], below.split("/")[3:], body)
        return self._endpoint(method, below, body)

    def _endpoint(self, method: str, below: str, body: Any) -> Answer:
        assert self.endpoint
        match method, below:
            case "GET", "/deployments":
                return ok({"value": [copy.deepcopy(one) for one in self.deployments.values()]})
            case "POST", "/listKeys":
                return ok({"primaryKey": "canary-key", "secondaryKey": "canary-other"})
            case "PATCH", "":
                self.endpoint["tags"] = body["tags"]
            case "PUT", "":
                # a PUT says how the endpoint is to be, whole
                given = copy.deepcopy(body)
                for name in ("scoringUri", "swaggerUri", "provisioningState"):
                    assert name not in given["properties"]
                    given["properties"][name] = self.endpoint["properties"][name]
                assert given["identity"]["userAssignedIdentities"] == {IDENTITY: {}}
                self.endpoint = {**{name: self.endpoint[name] for name in ("id", "name")}, **given}
        return ok(copy.deepcopy(self.endpoint))

    def _deployment(self, method: str, name: str, rest: list[str], body: Any) -> Answer:
        if method == "PUT":
            old = self.deployments.get(name)
            if old is not None and {**old["properties"], "provisioningState": None} != {
                **body["properties"],
                "provisioningState": None,
            }:
                raise ServiceError(name, 400, "InvalidRequest", "it is not changed in place")
            state = "Failed" if body["properties"]["environmentId"] in self.failing else "Succeeded"
            made = copy.deepcopy(body)
            made["properties"]["provisioningState"] = state
            self.deployments[name] = {"name": name, **made}
        if name not in self.deployments:
            raise missing(name)
        if rest == ["getLogs"]:
            return ok({"content": "first line\nthe model does not load\n"})
        if method == "DELETE":
            if self.traffic.get(name):
                raise ServiceError(name, 400, "InvalidRequest", "it has traffic")
            del self.deployments[name]
            return ok(None)
        return ok(copy.deepcopy(self.deployments[name]))
