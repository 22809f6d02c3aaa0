"""Where the router of a Kubernetes cluster is reached."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.arm import Arm
from cloud.azureml.kubernetes_router import router_address
from cloud.operation import Waiting

GROUP = "/subscriptions/s/resourceGroups/rg"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
ADDRESSES = "/subscriptions/s/resourceGroups/rg-nodes/providers/Microsoft.Network/publicIPAddresses"
OUTBOUND = {"tags": {"aks-managed-type": "aks-slb-managed-outbound-ip"}, "properties": {"ipAddress": "203.0.113.1"}}


def address(monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any]) -> str | None:
    bodies = {CLUSTER: {"properties": {"nodeResourceGroup": "rg-nodes"}}, ADDRESSES: {"value": [OUTBOUND, *found]}}

    def send(what: str, method: str, url: str, parameters: object, body: object) -> Any:
        from cloud.arm import Answer

        return Answer(200, {}, bodies[url.removeprefix("https://management.azure.com")])

    monkeypatch.setattr("cloud.arm._send", send)
    return router_address(Arm(Waiting()), CLUSTER)


def router(service: str = "azureml/azureml-fe", **properties: str) -> dict[str, Any]:
    return {"tags": {"k8s-azure-service": service}, "properties": properties}


def test_the_routers_address_is_the_one_that_its_service_is_marked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = router(ipAddress="203.0.113.7")
    assert address(monkeypatch, router("default/web", ipAddress="203.0.113.2"), ours) == "203.0.113.7"
    assert address(monkeypatch, router("default/web,azureml/azureml-fe", ipAddress="203.0.113.8")) == "203.0.113.8"


def test_there_is_none_before_azure_has_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(monkeypatch) is None
    assert address(monkeypatch, router()) is None
    assert address(monkeypatch, router("other/azureml-fe", ipAddress="203.0.113.9")) is None
