"""A cluster of AKS with Azure ML's extension, whose router serves all endpoints of the cluster over HTTPS.

The certificate is of a CA of its own. Azure's command line turns the files that Microsoft's pages name (sslCertPemFile,
sslKeyPemFile) into the two protected settings that are sent here (azure-cli-extensions, k8s-extension).
Local accounts stay on, as Azure ML knows no cluster without them. So does the API server's public address: Azure ML
comes from ranges that change by the week, which the stack's owner may list.
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import kubernetesconfiguration

from infra.components.site import Site
from infra.resources.certificate import Certificate, CertificateArgs
from infra.settings.machines.computes import KubernetesClusterSettings

_CERTIFICATE_DAYS = 825
_EXTENSION, _NAMESPACE = "azureml", "azureml"
_POOL = "system"
_NODES_FOR_TWO_ROUTERS = 3
# What Azure does not change in place. https://learn.microsoft.com/azure/aks/manage-node-pools
_CREATE_ONLY = (
    "agentPoolProfiles[*].name",
    "agentPoolProfiles[*].osType",
    "agentPoolProfiles[*].type",
    "agentPoolProfiles[*].vmSize",
    "dnsPrefix",
    "enableRBAC",
    "identity",
    "location",
    "nodeResourceGroup",
)
# What AKS's upgrades change by themselves: a refresh brings it, and no `up` is to take it back.
_UPGRADED = ("kubernetesVersion", "agentPoolProfiles[*].orchestratorVersion")
_OF_THE_CLUSTER = ("scope", "extensionType", "releaseTrain")


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    site: Site
    settings: KubernetesClusterSettings
    cluster_name: str
    node_group: str
    host: str
    """Of the endpoints' addresses, and of the certificate."""
    uptime_sla: bool
    """Whether Azure promises that the API server is there, for a price by the hour."""


class KubernetesCluster(pulumi.ComponentResource):
    def __init__(self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:KubernetesCluster", name, None, opts)
        self._args = args
        self.certificate = Certificate(
            name,
            CertificateArgs(
                common_name=args.host,
                dns_names=[args.host],
                validity_days=_CERTIFICATE_DAYS,
                key="rsa2048",  # nobody says that the router takes another kind
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.cluster = self._cluster(name)
        self.id: pulumi.Output[str] = self.cluster.id
        self.puller_id: pulumi.Output[str] = self.cluster.identity_profile.apply(_kubelet)
        """The principal that the machines pull images as."""
        self.extension = self._extension(name)
        self.extension_principal_id: pulumi.Output[str | None] = self.extension.aks_assigned_identity.apply(_principal)
        self.register_outputs({"id": self.id})

    def _cluster(self, name: str) -> aks.ManagedCluster:
        args, settings = self._args, self._args.settings
        return aks.ManagedCluster(
            name,
            resource_name_=args.cluster_name,
            resource_group_name=args.site.resource_group_name,
            location=args.site.location,
            tags=args.site.tags,
            sku=aks.ManagedClusterSKUArgs(name="Base", tier="Standard" if args.uptime_sla else "Free"),
            identity=aks.ManagedClusterIdentityArgs(type=aks.ResourceIdentityType.SYSTEM_ASSIGNED),
            dns_prefix=args.cluster_name,
            node_resource_group=args.node_group,
            disable_local_accounts=False,
            enable_rbac=True,
            agent_pool_profiles=[
                aks.ManagedClusterAgentPoolProfileArgs(
                    name=_POOL,
                    mode="System",
                    type="VirtualMachineScaleSets",
                    os_type="Linux",
                    vm_size=settings.size,
                    count=settings.nodes,
                )
            ],
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="patch", node_os_upgrade_channel="NodeImage"
            ),
            api_server_access_profile=aks.ManagedClusterAPIServerAccessProfileArgs(
                authorized_ip_ranges=list(settings.authorized_ip_ranges)
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                ignore_changes=list(_UPGRADED),
                replace_on_changes=list(_CREATE_ONLY),
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
            ),
        )

    def _extension(self, name: str) -> kubernetesconfiguration.Extension:
        return kubernetesconfiguration.Extension(
            name,
            cluster_rp="Microsoft.ContainerService",
            cluster_resource_name="managedClusters",
            cluster_name=self.cluster.name,
            resource_group_name=self._args.site.resource_group_name,
            extension_name=_EXTENSION,
            extension_type="Microsoft.AzureML.Kubernetes",
            release_train="stable",
            auto_upgrade_minor_version=True,
            scope=kubernetesconfiguration.ScopeArgs(
                cluster=kubernetesconfiguration.ScopeClusterArgs(release_namespace=_NAMESPACE)
            ),
            configuration_settings=self.id.apply(self._settings),
            configuration_protected_settings={
                "scoringFe.sslCert": _base64(self.certificate.certificate_pem),
                "scoringFe.sslKey": _base64(self.certificate.private_key_pem),
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                ignore_changes=["version"],
                replace_on_changes=list(_OF_THE_CLUSTER),
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
            ),
        )

    def _settings(self, cluster_id: object) -> dict[str, str]:
        """As Azure's command line sends them for a cluster that only serves. `allowInsecureConnections` is not among
        them: without it the router has no port for plain HTTP."""
        args = self._args
        two_routers = args.settings.nodes >= _NODES_FOR_TWO_ROUTERS
        location = args.site.location
        return {
            "enableInference": "True",
            "enableTraining": "False",
            "inferenceRouterServiceType": "LoadBalancer",
            "inferenceRouterHA": str(two_routers),
            "clusterPurpose": "FastProd" if two_routers else "DevTest",
            "sslCname": args.host,
            "cluster_name": str(cluster_id),
            "cluster_name_friendly": args.cluster_name,
            "clusterId": str(cluster_id),
            "prometheus.prometheusSpec.externalLabels.cluster_name": str(cluster_id),
            "domain": f"{location}.cloudapp.azure.com",
            "location": location,
            "jobSchedulerLocation": location,
            "nginxIngress.enabled": "true",
            "relayserver.enabled": "false",
            "servicebus.enabled": "false",
        }


def _kubelet(profile: Mapping[str, Any] | None) -> str:
    # a targeted `up` may leave the cluster out: it is None then, and what is made of it is not made
    return str(profile["kubeletidentity"].object_id if profile else None)


def _principal(identity: Any) -> str | None:
    return identity.principal_id if identity else None


def _base64(text: pulumi.Output[str]) -> pulumi.Output[str]:
    return text.apply(lambda text: base64.b64encode(text.encode()).decode())
