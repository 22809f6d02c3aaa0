"""The inputs that each type is given: the strict mocks refuse one that is missing and one that nobody expects.

Those of azure-native stand here. A type of `mledge` is asked for its own, so that a new one needs no line. What a value
must be is for the rules of `policies/`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import msgspec

from dryrun.wire import UNKNOWN
from infra import resources
from infra.provider.__main__ import resources as served
from infra.resources import wire_name
from policies.pack import violations


@dataclass(frozen=True, kw_only=True)
class InputNames:
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_PLACED = ("resourceGroupName", "location", "tags")

_AZURE_NATIVE: Mapping[str, InputNames] = {
    "azure-native:resources:ResourceGroup": InputNames(
        required=("resourceGroupName", "location", "tags"),
    ),
    "azure-native:managedidentity:UserAssignedIdentity": InputNames(required=("resourceName", *_PLACED)),
    "azure-native:authorization:RoleAssignment": InputNames(
        required=("roleAssignmentName", "scope", "principalId", "principalType", "roleDefinitionId", "description"),
    ),
    "azure-native:operationalinsights:Workspace": InputNames(
        required=("workspaceName", *_PLACED, "sku", "retentionInDays", "workspaceCapping", "features"),
    ),
    "azure-native:applicationinsights:Component": InputNames(
        required=("resourceName", *_PLACED, "kind", "applicationType", "workspaceResourceId", "ingestionMode"),
        # defaults that the SDK sends
        optional=("flowType", "requestSource", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"),
    ),
    "azure-native:storage:StorageAccount": InputNames(
        required=(
            "accountName",
            *_PLACED,
            "kind",
            "sku",
            "isHnsEnabled",
            "allowSharedKeyAccess",
            "allowBlobPublicAccess",
            "allowCrossTenantReplication",
            "defaultToOAuthAuthentication",
            "minimumTlsVersion",
            "enableHttpsTrafficOnly",
            "publicNetworkAccess",
            "networkRuleSet",
        ),
    ),
    "azure-native:keyvault/v20260201:Vault": InputNames(
        required=("vaultName", *_PLACED, "properties"),
    ),
    "azure-native:containerregistry/v20251101:Registry": InputNames(
        required=("registryName", *_PLACED, "sku", "adminUserEnabled", "anonymousPullEnabled", "roleAssignmentMode"),
        optional=("publicNetworkAccess", "networkRuleBypassOptions", "zoneRedundancy"),
    ),
    "azure-native:containerregistry/v20251101:ScopeMap": InputNames(
        required=("scopeMapName", "resourceGroupName", "registryName", "actions"),
    ),
    "azure-native:containerregistry/v20251101:Token": InputNames(
        required=("tokenName", "resourceGroupName", "registryName", "scopeMapId", "status"),
    ),
    "azure-native:machinelearningservices:Workspace": InputNames(
        required=(
            "workspaceName",
            *_PLACED,
            "kind",
            "sku",
            "identity",
            "primaryUserAssignedIdentity",
            "storageAccount",
            "keyVault",
            "containerRegistry",
            "applicationInsights",
            "systemDatastoresAuthMode",
            "publicNetworkAccess",
            "v1LegacyMode",
            "hbiWorkspace",
            "enableDataIsolation",
            "managedNetwork",
        ),
    ),
    "azure-native:machinelearningservices/v20251201:OnlineEndpoint": InputNames(
        required=("endpointName", "workspaceName", *_PLACED, "kind", "identity", "properties"),
    ),
    "azure-native:machinelearningservices:Compute": InputNames(
        required=("computeName", "workspaceName", *_PLACED, "identity", "properties"),
    ),
    "azure-native:containerservice:ManagedCluster": InputNames(
        required=(
            "resourceName",
            *_PLACED,
            "sku",
            "identity",
            "dnsPrefix",
            "nodeResourceGroup",
            "disableLocalAccounts",
            "enableRBAC",
            "agentPoolProfiles",
            "autoUpgradeProfile",
            "apiServerAccessProfile",
        ),
        # a default that the SDK sends
        optional=("kind",),
    ),
    "azure-native:kubernetesconfiguration:Extension": InputNames(
        required=(
            "clusterRp",
            "clusterResourceName",
            "clusterName",
            "resourceGroupName",
            "extensionName",
            "extensionType",
            "releaseTrain",
            "autoUpgradeMinorVersion",
            "scope",
            "configurationSettings",
            "configurationProtectedSettings",
        ),
    ),
    "azure-native:network:NetworkSecurityGroup": InputNames(
        required=("networkSecurityGroupName", *_PLACED, "securityRules"),
    ),
    "azure-native:network:VirtualNetwork": InputNames(
        required=("virtualNetworkName", *_PLACED, "addressSpace", "subnets"),
        # defaults that the SDK sends
        optional=("enableDdosProtection", "enableVmProtection"),
    ),
    "azure-native:network:NatGateway": InputNames(
        required=("natGatewayName", *_PLACED, "sku", "publicIpAddresses"),
    ),
    "azure-native:network:PublicIPAddress": InputNames(
        required=("publicIpAddressName", *_PLACED, "sku", "publicIPAllocationMethod", "publicIPAddressVersion"),
    ),
    "azure-native:network:NetworkInterface": InputNames(
        required=("networkInterfaceName", *_PLACED, "ipConfigurations"),
    ),
    "azure-native:compute:VirtualMachine": InputNames(
        required=(
            "vmName",
            *_PLACED,
            "hardwareProfile",
            "identity",
            "securityProfile",
            "osProfile",
            "storageProfile",
            "networkProfile",
            "diagnosticsProfile",
        ),
    ),
    "azure-native:compute:VirtualMachineRunCommandByVirtualMachine": InputNames(
        required=(
            "runCommandName",
            "vmName",
            *_PLACED,
            "source",
            "parameters",
            "timeoutInSeconds",
            "treatFailureAsDeploymentFailure",
        ),
        optional=("asyncExecution",),
    ),
    "azure-native:iothub:IotHubResource": InputNames(
        required=("resourceName", *_PLACED, "sku", "identity", "properties"),
    ),
    "azure-native:iothub:IotHubResourceEventHubConsumerGroup": InputNames(
        required=("name", "eventHubEndpointName", "resourceGroupName", "resourceName", "properties"),
    ),
    "azure-native:containerinstance/v20250901:ContainerGroup": InputNames(
        required=(
            "containerGroupName",
            *_PLACED,
            "osType",
            "restartPolicy",
            "sku",
            "identity",
            "imageRegistryCredentials",
            "ipAddress",
            "containers",
            "volumes",
        ),
    ),
}


def _of_both_sides(kind: type[object]) -> InputNames:
    """Required is what the provider's `KeyInputs` wants, and what the program's `KeyArgs` never leaves out.

    Whatever else `KeyInputs` takes is optional.
    """
    name, module = kind.__name__, kind.__module__
    fields = msgspec.structs.fields(getattr(import_module(module), f"{name}Inputs"))
    args = getattr(import_module(f"{resources.__name__}.{module.rpartition('.')[2]}"), f"{name}Args")
    sent = {wire_name(field.name) for field in dataclasses.fields(args) if field.default is not None}
    required = tuple(field.encode_name for field in fields if field.required or field.encode_name in sent)
    optional = tuple(field.encode_name for field in fields if field.encode_name not in required)
    return InputNames(required=required, optional=optional)


INPUTS: Mapping[str, InputNames] = {
    **_AZURE_NATIVE,
    **{one.token: _of_both_sides(type(one)) for one in served()},
}


def problems(type_token: str, inputs: Mapping[str, Any], *, previewing: bool) -> list[str]:
    """What is wrong with a resource: its input names, and the rules of `policies/` whatever their level."""
    if type_token not in INPUTS:
        where = "infra/provider/types/__init__.py" if type_token.startswith("mledge:") else "dryrun/input_names.py"
        return [f"the strict mock knows no inputs of this type: add it to {where}"]
    names = INPUTS[type_token]
    missing = [f"{key} is missing" for key in names.required if inputs.get(key) is None]
    unexpected = [f"{key} is not expected" for key in inputs if key not in (*names.required, *names.optional)]
    broken = violations(type_token, inputs, is_unknown=lambda value: previewing and UNKNOWN in str(value))
    return [*missing, *unexpected, *(violation.message for violation in broken)]
