"""The azure-native resource types that the plugin serves: one entry each.

An entry gives the type token, the ARM path below a scope, and the model of Microsoft's own SDK that tells the shape of
the body (read by generate.py only). Path parameters are the inputs that name a resource:
https://www.pulumi.com/registry/packages/azure-native/api-docs/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pluginbase.resource import ProviderError

_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
Plane = Literal["arm", "vault secret"]


@dataclass(frozen=True)
class Kind:
    token: str
    """`<module>:<Class>` of pulumi_azure_native."""
    path: str
    model: str
    """`<python module>:<class>`"""
    replace_on: frozenset[str] = frozenset()
    """What azure-native itself replaces for, beside names and location (its forceNewMap and x-ms-mutability)."""
    plane: Plane = "arm"
    """Where it is deleted: azure-native deletes a Key Vault secret by the vault's own API, ARM has no such call."""

    @cached_property
    def params(self) -> tuple[str, ...]:
        """The inputs that make up the path, outermost first."""
        return tuple(name for name in re.findall(r"\{(\w+)\}", self.path) if name != "subscriptionId")

    def id(self, subscription: str, inputs: dict[str, str]) -> str:
        values = {name: inputs[name].strip("/") if name == "scope" else inputs[name] for name in self.params}
        return self.path.format_map({**values, "subscriptionId": subscription})

    def names(self, id: str) -> dict[str, str]:
        """The path parameters in a resource id (for import)."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path)).replace(
            "(?P<scope>[^/]+)", "(?P<scope>.+)"
        )
        match = re.fullmatch(pattern, id, re.IGNORECASE)
        if match is None:
            raise ProviderError(f"{id!r} is no id of {self.token}: expected {self.path}")
        return {name: match[name] for name in self.params}


def _kind(token: str, path: str, model: str, *replace_on: str, plane: Plane = "arm") -> Kind:
    """A resource of a provider in a resource group."""
    return Kind(token, f"{_GROUP}/providers/{path}", _module(model), frozenset(replace_on), plane)


def _module(model: str) -> str:
    package, _, name = model.partition(":")
    return f"azure.mgmt.{package}.models:{name}" if not package.startswith("azure.") else f"{package}.models:{name}"


_CLUSTER = "Microsoft.ContainerService/managedClusters/{resourceName}"
_HUB = "Microsoft.Devices/IotHubs/{resourceName}"
_ML = "Microsoft.MachineLearningServices/workspaces/{workspaceName}"
_ML_MODEL = "azure.ai.ml._restclient.arm_ml_service"  # azure-mgmt-machinelearningservices is years older
_REGISTRY = "Microsoft.ContainerRegistry/registries/{registryName}"
_VAULT = "Microsoft.KeyVault/vaults/{vaultName}"
_MACHINE = "Microsoft.Compute/virtualMachines/{vmName}"
_VNET = "Microsoft.Network/virtualNetworks/{virtualNetworkName}"

KINDS = (
    Kind("resources:ResourceGroup", _GROUP, _module("resource.resources:ResourceGroup")),
    Kind(
        "authorization:RoleAssignment",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        _module("authorization.v2022_04_01:RoleAssignmentCreateParameters"),
        frozenset({"principalId"}),
    ),
    _kind(
        "managedidentity:UserAssignedIdentity",
        "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
        "msi:Identity",
    ),
    _kind(
        "operationalinsights:Workspace",
        "Microsoft.OperationalInsights/workspaces/{workspaceName}",
        "loganalytics:Workspace",
    ),
    _kind(
        "applicationinsights:Component",
        "Microsoft.Insights/components/{resourceName}",
        "applicationinsights.v2020_02_02:ApplicationInsightsComponent",
    ),
    _kind(
        "storage:StorageAccount",
        "Microsoft.Storage/storageAccounts/{accountName}",
        "storage:StorageAccountCreateParameters",
        "isHnsEnabled",
    ),
    _kind("keyvault:Vault", _VAULT, "keyvault:VaultCreateOrUpdateParameters"),
    _kind(
        "keyvault:Secret",
        _VAULT + "/secrets/{secretName}",
        "keyvault:SecretCreateOrUpdateParameters",
        plane="vault secret",
    ),
    _kind("containerregistry:Registry", _REGISTRY, "containerregistry:Registry"),
    _kind("containerregistry:ScopeMap", _REGISTRY + "/scopeMaps/{scopeMapName}", "containerregistry:ScopeMap"),
    _kind("containerregistry:Token", _REGISTRY + "/tokens/{tokenName}", "containerregistry:Token"),
    _kind("machinelearningservices:Workspace", _ML, f"{_ML_MODEL}:Workspace"),
    _kind(
        "machinelearningservices:EnvironmentVersion",
        _ML + "/environments/{name}/versions/{version}",
        f"{_ML_MODEL}:EnvironmentVersion",
    ),
    _kind(
        "machinelearningservices:ModelVersion", _ML + "/models/{name}/versions/{version}", f"{_ML_MODEL}:ModelVersion"
    ),
    _kind("machinelearningservices:Compute", _ML + "/computes/{computeName}", f"{_ML_MODEL}:ComputeResource"),
    _kind(
        "machinelearningservices:OnlineEndpoint", _ML + "/onlineEndpoints/{endpointName}", f"{_ML_MODEL}:OnlineEndpoint"
    ),
    _kind(
        "machinelearningservices:OnlineDeployment",
        _ML + "/onlineEndpoints/{endpointName}/deployments/{deploymentName}",
        f"{_ML_MODEL}:OnlineDeployment",
    ),
    _kind("containerservice:ManagedCluster", _CLUSTER, "containerservice:ManagedCluster"),
    _kind(
        "kubernetesconfiguration:Extension",
        "{clusterRp}/{clusterResourceName}/{clusterName}/providers/Microsoft.KubernetesConfiguration/extensions"
        "/{extensionName}",
        "kubernetesconfiguration.v2023_05_01:Extension",
    ),
    _kind(
        "containerinstance:ContainerGroup",
        "Microsoft.ContainerInstance/containerGroups/{containerGroupName}",
        "containerinstance:ContainerGroup",
    ),
    _kind(
        "network:NetworkSecurityGroup",
        "Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}",
        "network:NetworkSecurityGroup",
    ),
    _kind("network:VirtualNetwork", _VNET, "network:VirtualNetwork"),
    _kind("network:Subnet", _VNET + "/subnets/{subnetName}", "network:Subnet"),
    _kind(
        "network:PublicIPAddress",
        "Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
        "network:PublicIPAddress",
    ),
    _kind("network:NatGateway", "Microsoft.Network/natGateways/{natGatewayName}", "network:NatGateway"),
    _kind(
        "network:NetworkInterface",
        "Microsoft.Network/networkInterfaces/{networkInterfaceName}",
        "network:NetworkInterface",
    ),
    _kind("compute:VirtualMachine", _MACHINE, "compute:VirtualMachine"),
    _kind(
        "compute:VirtualMachineRunCommandByVirtualMachine",
        _MACHINE + "/runCommands/{runCommandName}",
        "compute:VirtualMachineRunCommand",
    ),
    _kind("iothub:IotHubResource", _HUB, "iothub.v2023_06_30:IotHubDescription"),
    _kind(
        "iothub:IotHubResourceEventHubConsumerGroup",
        _HUB + "/eventHubEndpoints/{eventHubEndpointName}/ConsumerGroups/{name}",
        "iothub.v2023_06_30:EventHubConsumerGroupBodyDescription",
    ),
)

BY_TOKEN = {kind.token: kind for kind in KINDS}
