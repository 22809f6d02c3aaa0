"""The ARM resource, as azure-mgmt-iothub makes, reads and deletes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.iothub import IotHubClient
from azure.mgmt.resource.resources import ResourceManagementClient

from standin.core.auth import SUBSCRIPTION_ID
from standin.foundation import Foundation
from standin.iothub.registry.requests import IdentityRequest
from tests.standin.iothub.conftest import hubs_of
from tests.standin.running import RunningStandin


@pytest.fixture
def operations(standin: RunningStandin, environment: Mapping[str, str]) -> Iterator[Any]:
    with (
        DefaultAzureCredential() as credential,
        ResourceManagementClient(credential, SUBSCRIPTION_ID) as resources,
        IotHubClient(credential, SUBSCRIPTION_ID) as client,
    ):
        resources.resource_groups.create_or_update("rg", {"location": "westeurope"})
        yield client.iot_hub_resource
        for hub in list(client.iot_hub_resource.list_by_resource_group("rg")):
            client.iot_hub_resource.begin_delete("rg", hub.name).result()


def body(sku: str = "S1", **changes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "minTlsVersion": "1.2",
        "disableLocalAuth": False,
        "publicNetworkAccess": "Enabled",
        "features": "None",
        "enableDataResidency": False,
        "eventHubEndpoints": {"events": {"partitionCount": 2, "retentionTimeInDays": 1}},
        "cloudToDevice": {"maxDeliveryCount": 10, "defaultTtlAsIso8601": "PT1H"},
        "routing": {
            "fallbackRoute": {
                "name": "$fallback",
                "source": "DeviceMessages",
                "condition": "true",
                "endpointNames": ["events"],
                "isEnabled": True,
            }
        },
    }
    return {"location": "westeurope", "sku": {"name": sku, "capacity": 1}, "properties": properties | changes}


def make(operations: Any, name: str = "hub-a", wanted: dict[str, Any] | None = None) -> Any:
    return operations.begin_create_or_update("rg", name, wanted or body()).result()


def refusal(operations: Any, wanted: dict[str, Any], name: str = "hub-a") -> str:
    with pytest.raises(HttpResponseError) as error:
        make(operations, name, wanted)
    assert error.value.status_code == 400
    return str(error.value.message)


def test_a_hub_comes_with_its_addresses_and_without_keys(operations: Any) -> None:
    made = make(operations)
    assert (made.properties.host_name, made.properties.state) == ("hub-a.azure-devices.net", "Active")
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.authorization_policies is None
    assert (made.sku.name, made.sku.tier) == ("S1", "Standard")
    events = made.properties.event_hub_endpoints["events"]
    assert (events.path, events.partition_ids) == ("hub-a", ["0", "1"])
    assert events.endpoint.startswith("sb://iothub-ns-hub-a-")
    assert events.endpoint.endswith(".servicebus.windows.net/")
    assert operations.get("rg", "hub-a").as_dict() == made.as_dict()


def test_keys_are_listed_and_outlive_an_update(operations: Any) -> None:
    make(operations)
    before = {rule.key_name: (rule.primary_key, rule.rights) for rule in operations.list_keys("rg", "hub-a")}
    make(operations, wanted=body(features="None", cloudToDevice={"maxDeliveryCount": 5}))
    after = {rule.key_name: (rule.primary_key, rule.rights) for rule in operations.list_keys("rg", "hub-a")}
    assert before == after
    assert before.keys() == {"iothubowner", "service", "device", "registryRead", "registryReadWrite"}
    assert len({key for key, _ in before.values()}) == 5
    assert operations.get_keys_for_key_name("rg", "hub-a", "service").primary_key == before["service"][0]
    with pytest.raises(ResourceNotFoundError, match="The shared access policy 'none' does not exist"):
        operations.get_keys_for_key_name("rg", "hub-a", "none")


def test_consumer_groups_come_and_go(operations: Any) -> None:
    make(operations)
    wanted = {"properties": {"name": "edgeway-monitor"}}
    made = operations.create_event_hub_consumer_group("rg", "hub-a", "events", "edgeway-monitor", wanted)
    assert (made.name, made.properties["name"]) == ("edgeway-monitor", "edgeway-monitor")
    names = [one.name for one in operations.list_event_hub_consumer_groups("rg", "hub-a", "events")]
    assert sorted(names) == ["$Default", "edgeway-monitor"]
    operations.delete_event_hub_consumer_group("rg", "hub-a", "events", "edgeway-monitor")
    with pytest.raises(ResourceNotFoundError):
        operations.get_event_hub_consumer_group("rg", "hub-a", "events", "edgeway-monitor")


def test_a_consumer_group_of_another_endpoint_or_name_is_refused(operations: Any) -> None:
    make(operations)
    with pytest.raises(HttpResponseError, match="The endpoint 'other' does not exist"):
        operations.create_event_hub_consumer_group("rg", "hub-a", "other", "g", {"properties": {"name": "g"}})
    with pytest.raises(HttpResponseError, match=r"properties\.name is 'h' and the address says 'g'"):
        operations.create_event_hub_consumer_group("rg", "hub-a", "events", "g", {"properties": {"name": "h"}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"minTlsVersion": "1.0"}, "properties.minTlsVersion"),
        ({"enableDataResidency": True}, "properties.enableDataResidency"),
        (
            {"eventHubEndpoints": {"events": {"partitionCount": 4, "retentionTimeInDays": 1}}},
            "properties.eventHubEndpoints.events.partitionCount",
        ),
    ],
)
def test_what_is_set_at_creation_cannot_be_changed(operations: Any, change: dict[str, Any], message: str) -> None:
    make(operations)
    refused = refusal(operations, body(**change))
    assert message in refused
    assert "cannot be changed" in refused


def test_free_and_standard_hubs_do_not_turn_into_each_other(operations: Any) -> None:
    make(operations, wanted=body("F1"))
    assert "cannot be changed from F1 to S1" in refusal(operations, body("S1"))
    make(operations, "hub-b", body("S1"))
    assert "cannot be changed from S1 to F1" in refusal(operations, body("F1"), "hub-b")
    assert make(operations, "hub-b", body("S2")).sku.name == "S2"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (body("B1"), "sku.name is 'B1'"),
        (body(publicNetworkAccess="Disabled"), "properties.publicNetworkAccess is 'Disabled'"),
        (
            body(authorizationPolicies=[{"keyName": "x", "rights": "ServiceConnect"}]),
            "properties.authorizationPolicies",
        ),
        (body(routing={"routes": [{"name": "r"}]}), "properties.routing.routes"),
        (body(routing={"endpoints": {"eventHubs": [{}]}}), "custom endpoints are not built"),
        (body("F1", eventHubEndpoints={"events": {"partitionCount": 4}}), "partitionCount is 4, allowed are 2 to 2"),
        (body(eventHubEndpoints={"events": {"retentionTimeInDays": 8}}), "retentionTimeInDays is 8"),
        (body(minTlsVersion="2.5"), "2.5 is not a valid MinTlsVersion value"),
        (body(enableDataResidency=True), "DataResidency\"' not available in 'westeurope' region"),
    ],
)
def test_what_is_not_built_or_not_valid_is_refused_by_name(
    operations: Any, wanted: dict[str, Any], message: str
) -> None:
    assert message in refusal(operations, wanted)


@pytest.mark.parametrize("name", ["ab", "ends-", "under_score", "x" * 51])
def test_a_bad_name_is_refused(operations: Any, name: str) -> None:
    assert f"The IoT hub name '{name}' is not valid" in refusal(operations, body(), name)


def test_a_name_is_taken_for_all_groups(operations: Any, environment: Mapping[str, str]) -> None:
    make(operations)
    with DefaultAzureCredential() as credential, ResourceManagementClient(credential, SUBSCRIPTION_ID) as resources:
        resources.resource_groups.create_or_update("other", {"location": "westeurope"})
    with pytest.raises(HttpResponseError) as error:
        operations.begin_create_or_update("other", "HUB-A", body()).result()
    assert (error.value.status_code, "is not available" in str(error.value)) == (409, True)


def test_deleting_a_hub_removes_everything_of_it(operations: Any, standin: RunningStandin) -> None:
    def fill(base: Foundation) -> Path:
        hub = hubs_of(standin).get("hub-a.azure-devices.net")
        assert hub is not None
        with hub.transaction():
            hub.registry.put_device("edge-01", IdentityRequest(edge=True), None)
        folder: Path = base.state / "iothub" / "hub-a"
        return folder

    def left(base: Foundation) -> list[str]:
        kinds = ("iothub", "iothub identity", "iothub twin", "iothub configuration")
        return [key for kind in kinds for key, _ in base.store.list(kind)]

    make(operations)
    old_keys = operations.get_keys_for_key_name("rg", "hub-a", "service")
    folder = standin.do(fill)
    assert folder.exists()
    gone: list[tuple[str, bool]] = []
    standin.do(
        lambda _: hubs_of(standin).on_edge_device(
            lambda hub, device: gone.append((device, hub.identity(device) is None))
        )
    )
    operations.begin_delete("rg", "hub-a").result()
    assert standin.do(left) == []
    assert not folder.exists()
    assert gone == [("edge-01", False), ("edge-01", True)]
    make(operations)
    assert operations.get_keys_for_key_name("rg", "hub-a", "service").primary_key != old_keys.primary_key
    assert [one.name for one in operations.list_event_hub_consumer_groups("rg", "hub-a", "events")] == ["$Default"]


def test_an_update_that_leaves_routing_out_turns_the_fallback_route_off(operations: Any) -> None:
    without = {name: value for name, value in body()["properties"].items() if name != "routing"}
    wanted = {**body(), "properties": without}
    assert make(operations, wanted=wanted).properties.routing.fallback_route.is_enabled
    assert not make(operations, wanted=wanted).properties.routing.fallback_route.is_enabled
    assert make(operations, wanted=body()).properties.routing.fallback_route.is_enabled
    tagged = operations.begin_update("rg", "hub-a", {"tags": {"ring": "1"}}).result()
    assert tagged.properties.routing.fallback_route.is_enabled


def test_what_was_read_can_be_put_again_whatever_its_fallback_route(operations: Any) -> None:
    without = {name: value for name, value in body()["properties"].items() if name != "routing"}
    for _ in range(2):
        made = make(operations, wanted={**body(), "properties": without})
    assert make(operations, wanted=made.as_dict()).properties.routing.as_dict() == made.properties.routing.as_dict()


def test_a_put_of_a_hub_that_is_there_is_answered_as_a_creation(
    standin: RunningStandin, operations: Any, environment: Mapping[str, str]
) -> None:
    make(operations)
    path = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/hub-a"
    again = standin.arm("PUT", path, body())
    assert again.status_code == 201
    assert (again.json()["resourcegroup"], again.json()["identity"]) == ("rg", {"type": "None"})
