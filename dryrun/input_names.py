"""The inputs that each type is given: the strict mocks refuse one that is missing and one that nobody expects.

What a value must be is for the rules of `policies/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dryrun.wire import UNKNOWN
from policies.pack import violations


@dataclass(frozen=True, kw_only=True)
class InputNames:
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_PLACED = ("resourceGroupName", "location", "tags")

INPUTS: Mapping[str, InputNames] = {
    "azure-native:resources:ResourceGroup": InputNames(
        required=("resourceGroupName", "location", "tags"),
    ),
    "azure-native:managedidentity:UserAssignedIdentity": InputNames(required=("resourceName", *_PLACED)),
    "azure-native:authorization:RoleAssignment": InputNames(
        required=("roleAssignmentName", "scope", "principalId", "roleDefinitionId"),
        optional=("principalType",),
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
    "mledge:ml:TrainingRun": InputNames(
        required=("model", "inputsDigest", "data", "hyperparameters", "thresholds"),
    ),
    "mledge:ml:RegisteredModel": InputNames(
        required=("subscriptionId", "resourceGroupName", "workspaceName", "name", "digest", "card", "source"),
    ),
    "mledge:docker:Image": InputNames(
        required=("loginServer", "repository", "image", "contextDigest"),
        optional=("artifactDigest", "buildArgs", "source"),
    ),
    "mledge:acr:TokenPassword": InputNames(
        required=("subscriptionId", "resourceGroupName", "registryName", "tokenName", "tokenId", "rotation")
    ),
    "mledge:iothub:DeviceIdentity": InputNames(
        required=("hubHost", "deviceId", "edge", "tags"),
    ),
    "mledge:iothub:EdgeDeployment": InputNames(
        required=(
            "hubHost",
            "name",
            "kind",
            "content",
            "targetCondition",
            "priority",
            "metrics",
            "labels",
            "waitSeconds",
        ),
    ),
    "mledge:tls:Certificate": InputNames(required=("commonName", "dnsNames", "validityDays", "rotation")),
    "mledge:secret:Key": InputNames(required=("bytes", "rotation")),
    "mledge:azure:Purge": InputNames(required=("kind", "resourceId", "location")),
    "mledge:azure:RoleReady": InputNames(
        required=("checks", "timeoutSeconds", "settleSeconds"),
    ),
}


def problems(type_token: str, inputs: Mapping[str, Any], *, previewing: bool) -> list[str]:
    """What is wrong with a resource: its input names, and the rules of `policies/` whatever their level."""
    if type_token not in INPUTS:
        return ["the strict mock knows no inputs of this type: add them to dryrun/input_names.py"]
    names = INPUTS[type_token]
    missing = [f"{key} is missing" for key in names.required if inputs.get(key) is None]
    unexpected = [f"{key} is not expected" for key in inputs if key not in (*names.required, *names.optional)]
    broken = violations(type_token, inputs, is_unknown=lambda value: previewing and UNKNOWN in str(value))
    return [*missing, *unexpected, *(violation.message for violation in broken)]
