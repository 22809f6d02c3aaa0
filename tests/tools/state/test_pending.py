"""What was under way when an `up` died is named; what it was making of Azure is taken up by its id."""

from __future__ import annotations

from typing import Any

from tools.pending import taken_up, told

STACK = "urn:pulumi:local::edgeway::"
URN = f"{STACK}edgeway:infra:EdgeLayer$mledge:iothub:EdgeDeployment::anomaly"
SUBSCRIPTION = "a9665e3c-b2cb-5e2c-a99f-1703731262a2"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
CONTAINERS = "azure-native:containerinstance/v20250901:ContainerGroup"


def creating(token: str, **inputs: Any) -> dict[str, Any]:
    return {"type": "creating", "resource": {"urn": f"{STACK}{token}::one", "type": token, "inputs": inputs}}


def test_each_operation_is_named_by_what_it_did_to_what() -> None:
    operation = {"type": "updating", "resource": {"urn": URN, "type": "mledge:iothub:EdgeDeployment"}}
    assert list(told({"pending_operations": [operation]})) == ["updating EdgeDeployment anomaly"]


def test_a_state_of_a_whole_up_or_of_none_names_nothing() -> None:
    assert list(told({"manifest": {}, "resources": []})) == list(told({"pending_operations": None})) == []


def test_what_was_being_made_of_azures_stands_among_the_resources_under_the_id_that_it_would_have() -> None:
    group = creating(CONTAINERS, resourceGroupName="rg", containerGroupName="ci")
    updating = {**group, "type": "updating"}
    ours = creating("mledge:iothub:DeviceIdentity", deviceId="edge-01")
    there = [{"urn": "stack"}, {"urn": "group", "id": GROUP}]

    now = taken_up({"pending_operations": [group, updating, ours], "resources": there, "version": 1}, {})

    id = f"{GROUP}/providers/Microsoft.ContainerInstance/containerGroups/ci"
    assert now["resources"] == [*there, {**group["resource"], "id": id, "outputs": {}}]
    assert (now["pending_operations"], now["version"]) == ([], 1)


def test_of_the_very_first_resource_the_subscription_is_the_users() -> None:
    first = {"pending_operations": [creating("azure-native:resources:ResourceGroup", resourceGroupName="rg")]}
    (resource,) = taken_up(first, {"ARM_SUBSCRIPTION_ID": SUBSCRIPTION})["resources"]
    assert resource["id"] == GROUP
    assert taken_up(first, {})["resources"] == []


def test_what_was_being_replaced_stands_where_its_placeholder_stood() -> None:
    group = creating(CONTAINERS, resourceGroupName="rg", containerGroupName="ci")
    placeholder = {"urn": group["resource"]["urn"], "pendingReplacement": True}
    rows = [{"urn": "group", "id": GROUP}, placeholder, {"urn": "needs it"}]

    now = taken_up({"pending_operations": [group], "resources": rows}, {})

    assert [row["urn"] for row in now["resources"]] == [row["urn"] for row in rows]
    assert now["resources"][1]["id"].endswith("/containerGroups/ci")
    assert "pendingReplacement" not in now["resources"][1]
