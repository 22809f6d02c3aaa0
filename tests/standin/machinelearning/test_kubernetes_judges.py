"""Microsoft's clients and azure-native's plugin, unmodified, against a cluster, its extension and its attaching."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.kubernetesconfiguration import SourceControlConfigurationClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from pluginbase.resource import Gone
from standin.core.auth import SUBSCRIPTION_ID
from standin.plugin.account import Account
from tests.standin.kubernetesconfiguration.clusters import CNAME, cluster_body, extension_body, protected
from tests.standin.machinelearning.workspace import BASE, PATH, WORKSPACE
from tests.standin.machinelearning.workspace import GROUP as ML_GROUP
from tests.standin.opened import at_port_443
from tests.standin.plugin.conftest import operation, resource
from tests.standin.running import RunningStandin, wire

pytestmark = [pytest.mark.slow, at_port_443]

OF_CLUSTER = ("Microsoft.ContainerService", "managedClusters", "judged", "azureml")


def test_microsofts_clients_make_change_read_list_and_delete_a_cluster_and_its_extension(
    azure: RunningStandin, credential: DefaultAzureCredential, group: str
) -> None:
    with (
        ContainerServiceClient(credential, SUBSCRIPTION_ID) as clusters,
        SourceControlConfigurationClient(credential, SUBSCRIPTION_ID) as configurations,
    ):
        made: Any = clusters.managed_clusters.begin_create_or_update(group, "judged", wire(cluster_body())).result()
        assert (made.provisioning_state, made.agent_pool_profiles[0].count) == ("Succeeded", 3)
        assert made.identity_profile["kubeletidentity"].object_id
        tagged: Any = clusters.managed_clusters.begin_update_tags(group, "judged", {"tags": {"a": "b"}}).result()
        assert tagged.tags == {"a": "b"}
        with pytest.raises(HttpResponseError) as refused:
            clusters.managed_clusters.begin_create_or_update(group, "judged", wire(cluster_body(nodes=11))).result()
        assert "(ErrCode_InsufficientVCPUQuota) Insufficient regional vcpu quota left" in str(refused.value)
        extensions = configurations.extensions
        extension: Any = extensions.begin_create(group, *OF_CLUSTER, wire(extension_body())).result()
        assert extension.aks_assigned_identity.principal_id
        change = {"properties": {"configurationProtectedSettings": protected(CNAME)}}
        changed: Any = extensions.begin_update(group, *OF_CLUSTER, wire(change)).result()
        assert changed.configuration_settings["sslCname"] == CNAME
        assert [one.name for one in extensions.list(group, *OF_CLUSTER[:3])] == ["azureml"]
        extensions.begin_delete(group, *OF_CLUSTER).result()
        assert list(extensions.list(group, *OF_CLUSTER[:3])) == []
        assert [one.name for one in clusters.managed_clusters.list()] == ["judged"]
        clusters.managed_clusters.begin_delete(group, "judged").result()
        with pytest.raises(ResourceNotFoundError):
            clusters.managed_clusters.get(group, "judged")


def test_azure_native_makes_changes_reads_and_deletes_them_and_attaches(
    client: MachineLearningServicesMgmtClient,
) -> None:
    """What was made is no drift, and after its end there is nothing."""
    cluster = cluster_body()
    properties = cluster.pop("properties")
    names = {"clusterRp": OF_CLUSTER[0], "clusterResourceName": OF_CLUSTER[1], "clusterName": "native"}
    extension = extension_body("native.example.org")["properties"]
    compute = {
        "computeType": "Kubernetes",
        "resourceId": f"{BASE}/Microsoft.ContainerService/managedClusters/native",
        "properties": {"namespace": "azureml"},
    }
    place = {"workspaceName": WORKSPACE, "computeName": "native", "location": "westeurope"}
    made = [
        _made("containerservice:ManagedCluster", {"resourceName": "native", **cluster, **properties}),
        _made("kubernetesconfiguration:Extension", {**names, "extensionName": "azureml", **extension}),
        _made("machinelearningservices:Compute", {**place, "properties": compute}),
        _made(
            "machinelearningservices:OnlineEndpoint",
            {
                "workspaceName": WORKSPACE,
                "endpointName": "ep-native-k8s",
                "location": "westeurope",
                "kind": "Kubernetes",
                "identity": {"type": "SystemAssigned"},
                "properties": {"authMode": "Key", "compute": f"{PATH}/computes/native"},
            },
        ),
    ]
    for token, id_, inputs, state in reversed(made):
        native, context = resource(Account(), token), operation(token)
        native.delete(context, id_, inputs, state)
        with pytest.raises(Gone):
            native.read(context, id_, inputs, state)


def _made(token: str, given: dict[str, Any]) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    native, context = resource(Account(), token), operation(token)
    inputs, failures = native.check(context, {}, {"resourceGroupName": ML_GROUP, **given})
    assert failures == []
    id_, state = native.create(context, inputs)
    assert native.read(context, id_, inputs, state)[1] == inputs
    if token != "machinelearningservices:Compute":
        state = native.update(context, id_, inputs, inputs, state)
        assert native.read(context, id_, inputs, state)[1] == inputs
    return token, id_, inputs, state
