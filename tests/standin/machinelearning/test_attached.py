"""Kubernetes clusters that are attached to a workspace: with their extension only, and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from standin.core.arm.paths import merge
from tests.standin.asking import Answering, of_arm
from tests.standin.kubernetesconfiguration.clusters import (
    asked,
    cluster_body,
    cluster_path,
    deleted,
    made,
    with_extension,
)
from tests.standin.machinelearning.online.asking import WORKSPACE

SMALL = {"resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}}


def path(name: str = "k8s") -> str:
    return f"{WORKSPACE}/computes/{name}"


def body(*, cluster: str = "aks", inner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties = {"namespace": "azureml", "instanceTypes": {"small": SMALL}, "defaultInstanceType": "small"}
    whole = {
        "location": "westeurope",
        "properties": {
            "computeType": "Kubernetes",
            "resourceId": cluster_path(cluster),
            "properties": {**properties, **(inner or {})},
        },
    }
    merged: dict[str, Any] = merge(whole, more)
    return merged


@pytest.fixture
async def cluster(answering: Answering) -> AsyncIterator[Answering]:
    await with_extension(answering)
    yield answering
    await answering.send(of_arm("DELETE", path()))
    await deleted(answering, cluster_path())


async def test_a_cluster_with_its_extension_is_attached_and_detached(cluster: Answering) -> None:
    answer = await made(cluster, path(), body())
    told = answer["properties"]
    inner = told["properties"]
    assert (told["isAttachedCompute"], told["resourceId"], told["provisioningState"]) == (
        True,
        cluster_path(),
        "Succeeded",
    )
    assert inner["instanceTypes"]["small"] == SMALL
    assert set(inner["instanceTypes"]) == {"small", "defaultinstancetype"}
    assert (inner["namespace"], len(inner["extensionPrincipalId"])) == ("azureml", 36)
    assert await made(cluster, path(), body()) | {"properties": {}} == answer | {"properties": {}}
    refused = await cluster.send(of_arm("DELETE", path()), query={"underlyingResourceAction": "Delete"})
    assert refused == (400, "ValidationError")
    assert await cluster.send(of_arm("DELETE", path()), query={"underlyingResourceAction": "Detach"}) == (200, "")
    assert (await asked(cluster, "GET", path()))[0] == 404
    assert (await asked(cluster, "GET", cluster_path()))[0] == 200


@pytest.mark.parametrize(
    "more",
    [
        {"inner": {"namespace": "default"}},
        {"inner": {"defaultInstanceType": "defaultinstancetype"}},
        {"inner": {"instanceTypes": {"small": SMALL, "other": SMALL}}},
        {"identity": {"type": "SystemAssigned"}},
    ],
)
async def test_what_is_attached_is_attached_anew_and_never_changed(cluster: Answering, more: dict[str, Any]) -> None:
    await made(cluster, path(), body())
    status, answer = await asked(cluster, "PUT", path(), body(**more))
    assert (status, answer["error"]["code"]) == (400, "ValidationError")
    assert "Kubernetes compute does not support update. Detach it, and attach it anew." in answer["error"]["message"]


async def test_tags_are_changed(cluster: Answering) -> None:
    await made(cluster, path(), body())
    assert (await made(cluster, path(), body(tags={"a": "b"})))["tags"] == {"a": "b"}


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("a-very-long-name1", {}, "2 to 16 letters"),
        ("k8s", {"cluster": "none"}, "it must be the ARM id of a Microsoft.ContainerService/managedClusters"),
        ("k8s", {"inner": {"namespace": "own"}}, "namespace is 'own'"),
        ("k8s", {"inner": {"defaultInstanceType": "big"}}, "defaultInstanceType is 'big'"),
        ("k8s", {"inner": {"vmSize": "Standard_DS2_v2"}}, "vmSize is nothing of an attached cluster"),
        ("k8s", {"inner": {"instanceTypes": {"small": {"resources": {"requests": {"cpu": 1}}}}}}, "cpu is 1"),
        ("k8s", {"inner": {"instanceTypes": {"small": merge(SMALL, {"resources": {"requests": {"cpu": "2"}}})}}},
         "requests must be less than or equal to limits"),
        ("k8s", {"inner": {"instanceTypes": {"small": {**SMALL, "nodeSelector": {"a": "b"}}}}}, "nodeSelector"),
    ],
)  # fmt: skip
async def test_what_is_not_right_is_refused(cluster: Answering, name: str, more: dict[str, Any], words: str) -> None:
    status, answer = await asked(cluster, "PUT", path(name), body(**more))
    assert (status, answer["error"]["code"]) == (400, "ValidationError")
    assert words in answer["error"]["message"]


async def test_without_the_extension_or_local_accounts_nothing_is_attached(answering: Answering) -> None:
    await made(answering, cluster_path("bare"), cluster_body(nodes=1))
    _, answer = await asked(answering, "PUT", path(), body(cluster="bare"))
    assert "AzureML extension is not installed in the cluster 'bare'" in answer["error"]["message"]
    await made(answering, cluster_path("bare"), cluster_body(nodes=1, properties={"disableLocalAccounts": True}))
    _, answer = await asked(answering, "PUT", path(), body(cluster="bare"))
    assert "has no local accounts" in answer["error"]["message"]
    await deleted(answering, cluster_path("bare"))


async def test_a_user_assigned_identity_of_the_workspace_needs_its_roles_on_the_cluster(cluster: Answering) -> None:
    workspace = cluster.base.arm.require(WORKSPACE)
    block = {"type": "UserAssigned", "userAssignedIdentities": {"/identity": {"principalId": "p", "clientId": "c"}}}
    cluster.base.arm.save(_with_identity(workspace, block))
    for number, (role, words) in enumerate(
        (
            ("Reader", "Failed to find the cluster"),
            ("Kubernetes Extension Contributor", "extension is not installed"),
            ("Azure Kubernetes Service Cluster Admin Role", "Internal server error"),
        )
    ):
        _, answer = await asked(cluster, "PUT", path(), body())
        assert words in answer["error"]["message"]
        assert f"needs '{role}'" in answer["error"]["message"]
        cluster.base.roles.assign(f"role-{number}", scope=cluster_path(), principal="p", role=role)
    await made(cluster, path(), body())
    cluster.base.arm.save(_with_identity(workspace, None))


def _with_identity(workspace: Any, block: dict[str, Any] | None) -> Any:
    workspace.body["identity"] = block
    return workspace
