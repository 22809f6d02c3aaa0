"""The type over an endpoint in a Kubernetes cluster: what is sent, and where its router is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from cloud.arm import Answer
from contracts.card import Golden
from infra.provider.services.online.probes import Target
from infra.provider.types import OnlineModel
from pluginbase.resource import Properties
from pluginbase.values import UNKNOWN
from tests.infra.provider.fake_arm import ok
from tests.infra.provider.online.fake_azure import ENDPOINT, FakeAzure
from tests.infra.provider.recorder import Recorder, refused
from tests.infra.test_bodies import lost, read_back

CLUSTER = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks"
POD = {"cpu": 0.5, "memoryMb": 1024, "clusterId": CLUSTER, "caPem": "the cluster's CA"}


class FakeCluster(FakeAzure):
    """Its router has no address at first."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses = ["", "203.0.113.7"]
        assert self.endpoint
        self.endpoint["kind"] = "Kubernetes"
        self.endpoint["properties"]["compute"] = f"{ENDPOINT.partition('/onlineEndpoints')[0]}/computes/aks"

    def send(self, what: str, method: str, url: str, parameters: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(url).path
        if path == CLUSTER:
            return ok({"properties": {"nodeResourceGroup": "rg-nodes"}})
        if path.endswith("/resourceGroups/rg-nodes/providers/Microsoft.Network/publicIPAddresses"):
            now = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
            properties = {"ipAddress": now} if now else {}
            return ok({"value": [{"tags": {"k8s-azure-service": "azureml/azureml-fe"}, "properties": properties}]})
        return super().send(what, method, url, parameters, body)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    fake = FakeCluster()
    monkeypatch.setattr("cloud.arm._send", fake.send)
    return fake


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster) -> list[Target]:
    targets: list[Target] = []

    def probe(_: object, target: Target, golden: list[Golden], *rest: object) -> None:
        targets.append(target)

    monkeypatch.setattr("infra.provider.services.online.endpoint.probe", probe)
    return targets


@pytest.fixture
def served(model: tuple[OnlineModel, Properties]) -> tuple[OnlineModel, Properties]:
    kind, inputs = model
    return kind, {**inputs, **POD, "instanceType": "defaultinstancetype", "instances": 2, "requestTimeoutSeconds": 300}


def test_replicas_are_asked_at_the_routers_address_by_its_certificate_once_it_has_one(
    cluster: FakeCluster, asked: list[Target], served: tuple[OnlineModel, Properties]
) -> None:
    kind, inputs = served
    ctx = Recorder()
    _, state = kind.create(ctx, inputs)

    (target,) = asked
    assert (target.address, target.ca_pem, target.key) == ("203.0.113.7", "the cluster's CA", "canary-key")
    assert "waiting for the address of Azure ML's router in the cluster" in ctx.statuses
    assert (state["address"], state["shares"]) == ("203.0.113.7", {state["deployment"]: 100})
    assert kind.diff(Recorder(), ENDPOINT, inputs, inputs, state) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_microsofts_models_understand_a_deployment_in_kubernetes(
    cluster: FakeCluster, asked: list[Target], served: tuple[OnlineModel, Properties]
) -> None:
    kind, inputs = served
    kind.create(Recorder(), inputs)

    token, body = cluster.put[0]
    assert token == "machinelearningservices:OnlineDeployment"
    assert (body["kind"], body["sku"]["capacity"]) == ("Kubernetes", 2)
    resources = {"cpu": "0.5", "memory": "1024Mi"}
    properties = body["properties"]
    assert properties["containerResourceRequirements"] == {
        "containerResourceRequests": resources,
        "containerResourceLimits": resources,
    }
    assert (properties["endpointComputeType"], properties["instanceType"]) == ("Kubernetes", "defaultinstancetype")
    assert properties["requestSettings"]["requestTimeout"] == "PT300S"
    assert "egressPublicNetworkAccess" not in properties
    assert list(lost(body, read_back(token, body))) == []


def test_replicas_are_scaled_in_place_and_another_size_of_them_is_another_deployment(
    cluster: FakeCluster, asked: list[Target], served: tuple[OnlineModel, Properties]
) -> None:
    kind, inputs = served
    id, state = kind.create(Recorder(), inputs)
    name, before = state["deployment"], len(asked)

    more = {**inputs, "instances": 4}
    scaled = kind.update(Recorder(), id, inputs, more, state)
    assert (scaled["deployment"], len(asked)) == (name, before)
    assert cluster.deployments[name]["sku"]["capacity"] == 4

    larger = kind.update(Recorder(), id, more, {**more, "cpu": 0.75}, scaled)
    assert larger["deployment"] != name
    assert (list(cluster.deployments), cluster.traffic) == ([larger["deployment"]], {larger["deployment"]: 100})


@pytest.mark.parametrize(
    ("cpu", "memory", "drift"),
    [("500m", "1Gi", {}), ("0.5", "1024Mi", {}), ("750m", "1Gi", {"cpu": 0.75}), ("0.5", "2Gi", {"memoryMb": 2048})],
)
def test_a_refresh_reads_quantities_as_kubernetes_writes_them(
    cluster: FakeCluster,
    asked: list[Target],
    served: tuple[OnlineModel, Properties],
    cpu: str,
    memory: str,
    drift: dict[str, float],
) -> None:
    kind, inputs = served
    id, state = kind.create(Recorder(), inputs)
    live = cluster.deployments[state["deployment"]]["properties"]["containerResourceRequirements"]
    live["containerResourceRequests"] = {"cpu": cpu, "memory": memory}
    cluster.addresses = ["203.0.113.8"]

    _, read, outputs = kind.read(Recorder(), id, inputs, state)

    assert {name: value for name, value in read.items() if value != inputs.get(name)} == drift
    assert outputs["address"] == "203.0.113.8"


def test_a_preview_names_the_deployment_of_a_cluster_that_is_not_there_yet(
    served: tuple[OnlineModel, Properties],
) -> None:
    kind, inputs = served
    first = {**inputs, "clusterId": UNKNOWN, "caPem": UNKNOWN, "endpointId": UNKNOWN}
    known = kind.preview_outputs(Recorder(), inputs)
    assert kind.preview_outputs(Recorder(), first)["deployment"] == known["deployment"]
    managed = {name: value for name, value in inputs.items() if name not in POD}
    assert kind.preview_outputs(Recorder(), {**managed, "requestTimeoutSeconds": 180}) != known


def test_half_a_place_and_a_time_that_only_kubernetes_allows_are_refused(
    served: tuple[OnlineModel, Properties],
) -> None:
    kind, inputs = served
    half = {name: value for name, value in inputs.items() if name not in ("clusterId", "caPem")}
    assert told(kind, half) == {
        "clusterId": "is missing, beside cpu and memoryMb",
        "caPem": "is missing, beside cpu and memoryMb",
    }
    managed = {name: value for name, value in inputs.items() if name not in POD}
    assert told(kind, managed) == {"requestTimeoutSeconds": "300 is refused; 1 to 180 outside of Kubernetes"}
    assert told(kind, {**inputs, "requestTimeoutSeconds": 301}).keys() == {"requestTimeoutSeconds"}


def told(kind: OnlineModel, inputs: Properties) -> dict[str, str]:
    return {one.path: one.reason for one in refused(kind, inputs)}
