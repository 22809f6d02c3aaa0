"""Arguments of azure-native's classes for a cluster with Azure ML's extension, one set per type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.standin.plugin.sample_ids import IDENTITY, KEY


def _cluster() -> Any:
    from pulumi_azure_native import containerservice as aks

    return aks.ManagedClusterArgs(
        resource_group_name="rg",
        resource_name="aks",
        location="westeurope",
        dns_prefix="edgeway",
        disable_local_accounts=False,
        sku=aks.ManagedClusterSKUArgs(name="Base", tier="Free"),
        identity=aks.ManagedClusterIdentityArgs(
            type=aks.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[IDENTITY]
        ),
        identity_profile={"kubeletidentity": aks.UserAssignedIdentityArgs(resource_id=IDENTITY)},
        api_server_access_profile=aks.ManagedClusterAPIServerAccessProfileArgs(authorized_ip_ranges=["10.0.0.0/8"]),
        agent_pool_profiles=[
            aks.ManagedClusterAgentPoolProfileArgs(name="system", mode="System", vm_size="Standard_D4s_v3", count=3)
        ],
    )


def _extension() -> Any:
    from pulumi_azure_native import kubernetesconfiguration as configuration

    return configuration.ExtensionArgs(
        resource_group_name="rg",
        cluster_rp="Microsoft.ContainerService",
        cluster_resource_name="managedClusters",
        cluster_name="aks",
        extension_name="azureml",
        extension_type="Microsoft.AzureML.Kubernetes",
        auto_upgrade_minor_version=True,
        release_train="stable",
        scope=configuration.ScopeArgs(cluster=configuration.ScopeClusterArgs(release_namespace="azureml")),
        configuration_settings={"enableInference": "True"},
        configuration_protected_settings={"scoringFe.sslKey": KEY},
    )


KUBERNETES: dict[tuple[str, str], Callable[[], Any]] = {
    ("containerservice", "ManagedCluster"): _cluster,
    ("kubernetesconfiguration", "Extension"): _extension,
}
