"""Clusters: what they answer, what of them may change, and what is refused in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.mgmt.containerservice import models

from standin.core.arm.paths import merge
from tests.standin.asking import ARM, GROUP, Answering, Asked
from tests.standin.kubernetesconfiguration.clusters import asked, cluster_body, cluster_path, deleted, made

_IDENTITIES = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"


async def test_a_cluster_answers_its_identities_and_microsofts_models_read_them(answering: Answering) -> None:
    answer = await made(answering, cluster_path(), cluster_body())
    read: Any = models.ManagedCluster(answer)
    kubelet = read.properties.identity_profile["kubeletidentity"]
    assert read.properties.node_resource_group == "MC_rg_aks_westeurope"
    assert kubelet.resource_id.endswith("/MC_rg_aks_westeurope/providers/Microsoft.ManagedIdentity"
                                        "/userAssignedIdentities/aks-agentpool")  # fmt: skip
    assert len({kubelet.object_id, kubelet.client_id, read.identity.principal_id}) == 3
    assert read.properties.fqdn.endswith(".hcp.westeurope.azmk8s.io")
    (pool,) = read.properties.agent_pool_profiles
    assert (pool.count, pool.vm_size, pool.power_state.code) == (3, "Standard_D2s_v3", "Running")
    assert (read.properties.provisioning_state, read.properties.disable_local_accounts) == ("Succeeded", False)
    again = (await asked(answering, "GET", cluster_path()))[1]
    assert again["properties"]["identityProfile"] == answer["properties"]["identityProfile"]
    await deleted(answering, cluster_path())
    assert (await asked(answering, "GET", cluster_path()))[0] == 404


async def test_nodes_tags_and_address_ranges_change_in_place(answering: Answering) -> None:
    before = await made(answering, cluster_path(), cluster_body())
    ranges: dict[str, Any] = {"properties": {"apiServerAccessProfile": {"authorizedIPRanges": ["10.0.0.0/8"]}}}
    answer = await made(answering, cluster_path(), cluster_body(nodes=2, tags={"a": "b"}, **ranges))
    assert answer["properties"]["agentPoolProfiles"][0]["count"] == 2
    assert answer["properties"]["apiServerAccessProfile"] == ranges["properties"]["apiServerAccessProfile"]
    assert answer["properties"]["fqdn"] == before["properties"]["fqdn"]
    status, answer = await asked(answering, "PATCH", cluster_path(), {"tags": {"c": "d"}})
    assert (status, answer["tags"], answer["properties"]["agentPoolProfiles"][0]["count"]) == (200, {"c": "d"}, 2)
    await deleted(answering, cluster_path())


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"properties": {"dnsPrefix": "other"}}, "properties.dnsPrefix"),
        ({"properties": {"nodeResourceGroup": "other"}}, "properties.nodeResourceGroup"),
        ({"properties": {"networkProfile": {"networkPlugin": "none"}}}, "properties.networkProfile.networkPlugin"),
    ],
)
async def test_what_azure_does_not_change_is_refused(answering: Answering, more: dict[str, Any], name: str) -> None:
    await made(answering, cluster_path(), cluster_body())
    status, answer = await asked(answering, "PUT", cluster_path(), merge(cluster_body(), more))
    assert (status, answer["error"]["code"]) == (400, "PropertyChangeNotAllowed")
    assert answer["error"]["message"] == f"Changing property '{name}' is not allowed."
    await deleted(answering, cluster_path())


async def test_the_size_of_a_pools_nodes_is_not_changed(answering: Answering) -> None:
    await made(answering, cluster_path(), cluster_body())
    status, answer = await asked(answering, "PUT", cluster_path(), cluster_body(size="Standard_D4s_v3"))
    assert (status, answer["error"]["message"]) == (400, "Changing property 'properties.vmSize' is not allowed.")
    await deleted(answering, cluster_path())


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"size": "Standard_D4s_v3", "nodes": 6}, "ErrCode_InsufficientVCPUQuota",
         "Insufficient regional vcpu quota left for location westeurope. left regional vcpu quota 20, requested quota "
         "24. If you want"),
        ({"size": "Standard_NC4as_T4_v3", "nodes": 1}, "ErrCode_InsufficientVCPUQuota",
         "Insufficient vcpu quota requested 4, remaining 0 for family Standard NCASv3_T4 Family for region"),
        ({"size": "Standard_A0"}, "VMSizeNotSupported", "Virtual Machine size: 'Standard_A0' is not supported"),
        ({"nodes": 0}, "InvalidParameter", "count of the agent pool 'system' is 0"),
        ({"identity": {"type": "None"}}, "InvalidParameter", "servicePrincipalProfile is missing"),
        ({"properties": {"dnsPrefix": "-x"}}, "InvalidParameter", "dnsPrefix is '-x'"),
        ({"properties": {"kubernetesVersion": "2"}}, "InvalidParameter", "kubernetesVersion is '2'"),
        ({"properties": {"aadProfile": {"managed": True}}}, "NotSupportedByStandIn", "aadProfile"),
        ({"properties": {"apiServerAccessProfile": {"enablePrivateCluster": True}}}, "NotSupportedByStandIn",
         "enablePrivateCluster"),
        ({"properties": {"identityProfile": {"kubeletidentity": {"resourceId": f"{_IDENTITIES}/none"}}}},
         "InvalidParameter", "no identity that is there"),
    ],
)  # fmt: skip
async def test_what_azure_refuses_at_creation_is_refused(
    answering: Answering, more: dict[str, Any], code: str, words: str
) -> None:
    status, answer = await asked(answering, "PUT", cluster_path("refused"), cluster_body(**more))
    assert (status, answer["error"]["code"]) == (400, code)
    assert words in answer["error"]["message"]
    assert (await asked(answering, "GET", cluster_path("refused")))[0] == 404


async def test_nodes_of_all_clusters_share_the_quota_and_a_region_tells_it(answering: Answering) -> None:
    await made(answering, cluster_path("one"), cluster_body(size="Standard_D4s_v3", nodes=4))
    status, answer = await asked(answering, "PUT", cluster_path("two"), cluster_body(size="Standard_D4s_v3", nodes=2))
    assert (status, answer["error"]["code"]) == (400, "ErrCode_InsufficientVCPUQuota")
    assert "left regional vcpu quota 4, requested quota 8" in answer["error"]["message"]
    where = f"{GROUP.partition('/resourceGroups/')[0]}/providers/Microsoft.Compute/locations/westeurope/usages"
    usages = Asked(method="GET", host=ARM, path=where, audience=f"https://{ARM}", query={"api-version": "2024-11-01"})
    told = {one["name"]["value"]: (one["currentValue"], one["limit"])
            for one in json.loads(await answering.text(usages))["value"]}  # fmt: skip
    assert (told["cores"], told["standardDSv3Family"], told["standardDSv2Family"]) == ((16, 20), (16, 20), (0, 20))
    await deleted(answering, cluster_path("one"))


async def test_an_identity_of_ones_own_pulls_images_once_the_cluster_may_hand_it_on(answering: Answering) -> None:
    for name in ("cluster", "kubelet"):
        await made(answering, f"{_IDENTITIES}/{name}", {"location": "westeurope"})
    own = {"identityProfile": {"kubeletidentity": {"resourceId": f"{_IDENTITIES}/kubelet"}}}
    refused = await asked(answering, "PUT", cluster_path("own"), cluster_body(properties=own))
    assert refused[1]["error"]["code"] == "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster"
    body = cluster_body(properties=own)
    body["identity"] = {"type": "UserAssigned", "userAssignedIdentities": {f"{_IDENTITIES}/cluster": {}}}
    refused = await asked(answering, "PUT", cluster_path("own"), body)
    assert refused[1]["error"]["code"] == "CustomKubeletIdentityMissingPermissionError"
    principal = (await asked(answering, "GET", f"{_IDENTITIES}/cluster"))[1]["properties"]["principalId"]
    answering.base.roles.assign(
        "operator", scope=f"{_IDENTITIES}/kubelet", principal=principal, role="Managed Identity Operator"
    )
    answer = await made(answering, cluster_path("own"), body)
    kubelet = (await asked(answering, "GET", f"{_IDENTITIES}/kubelet"))[1]["properties"]
    assert answer["properties"]["identityProfile"]["kubeletidentity"]["objectId"] == kubelet["principalId"]
    await deleted(answering, cluster_path("own"))
