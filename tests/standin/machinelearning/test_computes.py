"""Compute clusters: what they answer of their nodes, what may change, what is refused and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.mgmt.machinelearningservices import models

from standin.core.arm.paths import merge
from tests.standin.asking import ARM, Answering, Asked, of_arm
from tests.standin.machinelearning.online.asking import WORKSPACE, arm


def path(name: str) -> str:
    return f"{WORKSPACE}/computes/{name}"


def body(*, size: str = "Standard_DS3_v2", least: int = 0, most: int = 4, **more: Any) -> dict[str, Any]:
    scale = {"minNodeCount": least, "maxNodeCount": most, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    properties = {"computeType": "AmlCompute", "properties": {"vmSize": size, "scaleSettings": scale}}
    made: dict[str, Any] = merge({"location": "westeurope", "properties": properties}, more)
    return made


def inner(**more: Any) -> dict[str, Any]:
    return {"properties": {"properties": more}}


async def made(answering: Answering, name: str, **more: Any) -> dict[str, Any]:
    status, answer = await arm(answering, "PUT", path(name), body(**more))
    assert status == 201, answer
    return answer


async def deleted(answering: Answering, name: str) -> tuple[int, str]:
    return await answering.send(of_arm("DELETE", path(name)), query={"underlyingResourceAction": "Delete"})


async def test_a_cluster_answers_its_nodes_and_microsofts_models_read_them(answering: Answering) -> None:
    answer = await made(answering, "nodes", least=1)
    read: Any = models.ComputeResource.deserialize(answer).properties
    assert isinstance(read, models.AmlCompute)
    assert (read.provisioning_state, read.is_attached_compute, read.compute_location) == (
        "Succeeded",
        False,
        "westeurope",
    )
    cluster: Any = read.properties
    counts = cluster.node_state_counts
    assert (cluster.current_node_count, cluster.target_node_count, cluster.allocation_state) == (1, 1, "Steady")
    assert (counts.idle_node_count, counts.running_node_count, counts.unusable_node_count) == (1, 0, 0)
    assert cluster.allocation_state_transition_time is not None
    _, listed = await arm(answering, "POST", path("nodes") + "/listNodes")
    nodes: Any = models.AmlComputeNodesInformation.deserialize(listed)
    (node,) = nodes.nodes
    assert (node.node_state, node.port, node.run_id) == ("idle", 50000, None)
    assert await deleted(answering, "nodes") == (200, "")
    assert (await arm(answering, "GET", path("nodes")))[0] == 404


async def test_a_scale_is_changed_by_a_whole_body_and_by_a_part(answering: Answering) -> None:
    await made(answering, "scale")
    status, answer = await arm(answering, "PUT", path("scale"), body(least=2, size="STANDARD_DS3_V2"))
    assert (status, answer["properties"]["properties"]["currentNodeCount"]) == (200, 2)
    part = inner(scaleSettings={"minNodeCount": 0, "maxNodeCount": 1})
    _, answer = await arm(answering, "PATCH", path("scale"), part)
    scale = answer["properties"]["properties"]["scaleSettings"]
    assert scale == {"minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    assert answer["properties"]["properties"]["targetNodeCount"] == 1
    await deleted(answering, "scale")


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"size": "Standard_DS2_v2"}, "vmSize"),
        (inner(remoteLoginPortPublicAccess="Disabled"), "remoteLoginPortPublicAccess"),
        ({"properties": {"disableLocalAuth": True}}, "disableLocalAuth"),
        ({"location": "eastus", "properties": {"computeLocation": "eastus"}}, "location"),
        ({"identity": {"type": "SystemAssigned"}}, "identity"),
    ],
)
async def test_all_but_the_scale_is_set_at_creation(answering: Answering, more: dict[str, Any], name: str) -> None:
    await made(answering, "fixed")
    status, answer = await arm(answering, "PUT", path("fixed"), body(**more))
    assert (status, answer["error"]["code"]) == (400, "ValidationError")
    assert f"'{name}' of the compute 'fixed' cannot be changed" in answer["error"]["message"]
    await deleted(answering, "fixed")


@pytest.mark.parametrize(
    ("name", "more", "code", "words"),
    [
        ("cpu-cluster-1", {}, "ValidationError", "not ending in '-' and digits"),
        ("ab", {}, "ValidationError", "3 to 24 letters"),
        ("cpu_x", {}, "ValidationError", "3 to 24 letters"),
        ("cpu", {"size": "Standard_B2s"}, "InvalidPropertyValue", "The specified value Standard_B2s for property"),
        ("cpu", {"least": 2, "most": 1}, "ValidationError", "minNodeCount 2 is more than maxNodeCount 1"),
        ("cpu", {"least": -1}, "ValidationError", "minNodeCount is -1"),
        ("cpu", {"most": "4"}, "ValidationError", "maxNodeCount is '4'"),
        ("cpu", inner(scaleSettings={"nodeIdleTimeBeforeScaleDown": "2"}), "ValidationError", "no ISO 8601 duration"),
        ("cpu", {"properties": {"computeLocation": "eastus"}}, "ValidationError", "they must be the same"),
        ("cpu", {"properties": {"computeType": "ComputeInstance"}}, "NotSupportedByStandIn", "computeType"),
        ("cpu", inner(subnet={"id": "x"}), "NotSupportedByStandIn", "subnet"),
        ("cpu", inner(vmPriority="LowPriority"), "NotSupportedByStandIn", "vmPriority"),
        ("cpu", inner(enableNodePublicIp=False), "NotSupportedByStandIn", "enableNodePublicIp"),
        ("gpu", {"size": "Standard_NC4as_T4_v3"}, "BadRequest",
         "a Standard NCASv3_T4 family vCPU quota of 0 and cannot accomodate for at least 1 requested managed compute "
         "node which maps to 4 vCPUs"),
        ("cpu", {"least": 7, "most": 7}, "BadRequest",
         "a Standard DSv2 family vCPU quota of 24 and is less than the requested managed compute's min nodes of 7 "
         "which maps to 28 vCPUs"),
    ],
)  # fmt: skip
async def test_what_azure_refuses_at_creation_is_refused(
    answering: Answering, name: str, more: dict[str, Any], code: str, words: str
) -> None:
    status, answer = await arm(answering, "PUT", path(name), body(**more))
    assert (status, answer["error"]["code"]) == (400, code)
    assert words in answer["error"]["message"]
    assert (await arm(answering, "GET", path(name)))[0] == 404


async def test_which_sizes_there_are_is_told_with_the_refusal(answering: Answering) -> None:
    _, answer = await arm(answering, "PUT", path("cpu"), body(size="Standard_B2s"))
    (detail,) = answer["error"]["details"]
    assert detail["code"] == "SupportedVMSizes"
    assert "STANDARD_DS3_V2" in detail["message"].split(",")


async def test_a_delete_takes_the_machines_too_unless_it_says_otherwise(answering: Answering) -> None:
    await made(answering, "kept")
    detach = {"underlyingResourceAction": "Detach"}
    assert await answering.send(of_arm("DELETE", path("kept")), query=detach) == (400, "ValidationError")
    assert (await arm(answering, "GET", path("kept")))[0] == 200
    assert await answering.send(of_arm("DELETE", path("kept"))) == (200, "")
    assert (await arm(answering, "GET", path("kept")))[0] == 404


async def test_where_a_cluster_reaches_its_quota_its_jobs_wait_and_it_says_why(answering: Answering) -> None:
    await made(answering, "first", least=5, most=5)
    answer = await made(answering, "second", least=2, most=4)
    cluster = answer["properties"]["properties"]
    (error,) = cluster["errors"]
    assert error["error"]["code"] == "ClusterCoreQuotaReached"
    assert "Maximum allowed: 24, Current in use: 24, Additional requested: 4." in error["error"]["message"]
    assert cluster["currentNodeCount"] == 1
    await deleted(answering, "first")
    _, answer = await arm(answering, "GET", path("second"))
    assert (answer["properties"]["properties"]["currentNodeCount"], answer["properties"]["properties"]["errors"]) == (
        2,
        None,
    )
    await deleted(answering, "second")


async def test_a_region_tells_its_sizes_and_the_cores_in_use(answering: Answering) -> None:
    await made(answering, "used", least=1)
    usages = await _of_region(answering, "usages")
    by_name = {one["name"]["value"]: (one["currentValue"], one["limit"]) for one in usages}
    assert by_name["Standard DSv2 Family Cluster Dedicated vCPUs"] == (4, 24)
    assert by_name["Total Cluster Dedicated Regional vCPUs"] == (4, 100)
    usage: Any = models.Usage.deserialize(usages[0])
    assert usage.current_value == 4
    sizes: dict[str, Any] = {
        one["name"]: models.VirtualMachineSize.deserialize(one) for one in await _of_region(answering, "vmSizes")
    }
    assert (sizes["Standard_DS3_v2"].v_cp_us, sizes["Standard_DS3_v2"].memory_gb) == (4, 14)
    await deleted(answering, "used")
    elsewhere = await _of_region(answering, "usages", "eastus")
    assert {one["currentValue"] for one in elsewhere} == {0}


async def _of_region(answering: Answering, what: str, region: str = "westeurope") -> list[dict[str, Any]]:
    where = f"{WORKSPACE.partition('/resourceGroups/')[0]}/providers/Microsoft.MachineLearningServices/locations"
    asked = Asked(method="GET", host=ARM, path=f"{where}/{region}/{what}", audience=f"https://{ARM}")
    listed: list[dict[str, Any]] = json.loads(await answering.text(asked, query={"api-version": "2024-10-01"}))["value"]
    return listed
