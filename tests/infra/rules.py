"""What Azure and our provider ask of each resource: names, required inputs, allowed values.

Names: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_GUID = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
_DIGEST = r"[0-9a-f]{64}"
UNKNOWN = "<unknown>"


@dataclass(frozen=True, kw_only=True)
class Rule:
    required: tuple[str, ...]
    patterns: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()


_PLACED = ("resourceGroupName", "location", "tags")

RULES: Mapping[str, Rule] = {
    "azure-native:resources:ResourceGroup": Rule(
        required=("resourceGroupName", "location", "tags"),
        patterns={"resourceGroupName": r"[\w()-]{1,90}"},
    ),
    "azure-native:managedidentity:UserAssignedIdentity": Rule(
        required=("resourceName", *_PLACED), patterns={"resourceName": r"[A-Za-z0-9][\w-]{2,127}"}
    ),
    "azure-native:authorization:RoleAssignment": Rule(
        required=("roleAssignmentName", "scope", "principalId", "roleDefinitionId"),
        optional=("principalType",),
        patterns={
            "roleAssignmentName": _GUID,
            "principalId": _GUID,
            "roleDefinitionId": rf"/subscriptions/{_GUID}/providers/Microsoft\.Authorization/roleDefinitions/{_GUID}",
        },
        allowed={"principalType": ("ServicePrincipal", "User", "Group")},
    ),
    "azure-native:operationalinsights:Workspace": Rule(
        required=("workspaceName", *_PLACED, "sku", "retentionInDays", "workspaceCapping", "features"),
        patterns={"workspaceName": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"},
        allowed={"sku.name": ("PerGB2018",), "retentionInDays": (30,)},
    ),
    "azure-native:applicationinsights:Component": Rule(
        required=("resourceName", *_PLACED, "kind", "applicationType", "workspaceResourceId", "ingestionMode"),
        # defaults that the SDK sends
        optional=("flowType", "requestSource", "publicNetworkAccessForIngestion", "publicNetworkAccessForQuery"),
        patterns={"resourceName": r"[\w().-]{1,254}[\w()-]"},
        allowed={"applicationType": ("web",), "kind": ("web",), "ingestionMode": ("LogAnalytics",)},
    ),
    "azure-native:storage:StorageAccount": Rule(
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
        patterns={"accountName": r"[a-z0-9]{3,24}"},
        allowed={
            "kind": ("StorageV2",),
            "sku.name": ("Standard_LRS", "Standard_ZRS"),
            "isHnsEnabled": (False,),
            "allowSharedKeyAccess": (False,),
            "allowBlobPublicAccess": (False,),
            "minimumTlsVersion": ("TLS1_2",),
            "enableHttpsTrafficOnly": (True,),
        },
    ),
    "azure-native:keyvault/v20260201:Vault": Rule(
        required=("vaultName", *_PLACED, "properties"),
        patterns={"vaultName": r"[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]", "properties.tenantId": _GUID},
        allowed={
            "properties.sku.name": ("standard",),
            "properties.sku.family": ("A",),
            "properties.enableRbacAuthorization": (True,),
            "properties.softDeleteRetentionInDays": (7,),
        },
    ),
    "azure-native:containerregistry/v20251101:Registry": Rule(
        required=("registryName", *_PLACED, "sku", "adminUserEnabled", "anonymousPullEnabled", "roleAssignmentMode"),
        optional=("publicNetworkAccess", "networkRuleBypassOptions", "zoneRedundancy"),
        patterns={"registryName": r"[a-zA-Z0-9]{5,50}"},
        allowed={
            "sku.name": ("Basic", "Standard", "Premium"),
            "adminUserEnabled": (False,),
            "anonymousPullEnabled": (False,),
            "roleAssignmentMode": ("LegacyRegistryPermissions",),
        },
    ),
    "azure-native:containerregistry/v20251101:ScopeMap": Rule(
        required=("scopeMapName", "resourceGroupName", "registryName", "actions"),
        patterns={
            "scopeMapName": r"[a-zA-Z0-9-_]{5,50}",
            "actions[*]": r"repositories/[a-z0-9/_-]+/(content|metadata)/read",
        },
    ),
    "azure-native:containerregistry/v20251101:Token": Rule(
        required=("tokenName", "resourceGroupName", "registryName", "scopeMapId", "status"),
        patterns={"tokenName": r"[a-zA-Z0-9-]{5,50}"},
        allowed={"status": ("enabled",)},
    ),
    "azure-native:machinelearningservices:Workspace": Rule(
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
        patterns={"workspaceName": r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}"},
        allowed={
            "identity.type": ("UserAssigned", "SystemAssigned,UserAssigned"),
            "systemDatastoresAuthMode": ("Identity",),
            "v1LegacyMode": (False,),
            "managedNetwork.isolationMode": ("Disabled",),
        },
    ),
    "azure-native:iothub:IotHubResource": Rule(
        required=("resourceName", *_PLACED, "sku", "identity", "properties"),
        patterns={"resourceName": r"[A-Za-z0-9][A-Za-z0-9-]{1,48}[A-Za-z0-9]"},
        allowed={
            "sku.name": ("F1", "S1", "S2", "S3"),
            "identity.type": ("SystemAssigned",),
            "properties.minTlsVersion": ("1.2",),
            "properties.disableLocalAuth": (False,),
            "properties.disableModuleSAS": (False,),
            "properties.routing.fallbackRoute.isEnabled": (True,),
        },
    ),
    "azure-native:iothub:IotHubResourceEventHubConsumerGroup": Rule(
        required=("name", "eventHubEndpointName", "resourceGroupName", "resourceName", "properties"),
        patterns={"name": r"[A-Za-z0-9][\w.-]{0,49}"},
        allowed={"eventHubEndpointName": ("events",)},
    ),
    "azure-native:containerinstance/v20250901:ContainerGroup": Rule(
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
        patterns={
            "containerGroupName": r"[a-z0-9](?!.*--)[a-z0-9-]{0,61}[a-z0-9]",
            "ipAddress.dnsNameLabel": r"[a-z](?!.*--)[a-z0-9-]{3,61}[a-z0-9]",
            "containers[*].image": rf"[^\s]+@sha256:{_DIGEST}",
        },
        allowed={
            "osType": ("Linux",),
            "identity.type": ("UserAssigned", "SystemAssigned, UserAssigned"),
            "containers[*].livenessProbe.httpGet.scheme": ("http",),
            "containers[*].readinessProbe.httpGet.scheme": ("http",),
            "ipAddress.type": ("Public",),
        },
    ),
    "mledge:ml:TrainingRun": Rule(
        required=("model", "inputsDigest", "data", "hyperparameters", "thresholds"),
        patterns={"inputsDigest": _DIGEST, "data.key": _DIGEST, "data.sha256": _DIGEST},
    ),
    "mledge:ml:RegisteredModel": Rule(
        required=("subscriptionId", "resourceGroupName", "workspaceName", "name", "digest", "card", "source"),
        patterns={"subscriptionId": _GUID, "digest": _DIGEST, "card.dataSha256": _DIGEST},
    ),
    "mledge:docker:Image": Rule(
        required=("loginServer", "repository", "image", "contextDigest"),
        optional=("artifactDigest", "buildArgs", "source"),
        patterns={"repository": r"edgeway/[a-z0-9_]+", "contextDigest": _DIGEST, "artifactDigest": _DIGEST},
        allowed={"image": ("scoring", "sensor")},
    ),
    "mledge:acr:TokenPassword": Rule(
        required=("subscriptionId", "resourceGroupName", "registryName", "tokenName", "tokenId", "rotation")
    ),
    "mledge:iothub:DeviceIdentity": Rule(
        required=("hubHost", "deviceId", "edge", "tags"),
        patterns={"hubHost": r"[a-z0-9-]{3,50}\.azure-devices\.net"},
        allowed={"edge": (True,)},
    ),
    "mledge:iothub:EdgeDeployment": Rule(
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
        patterns={
            "hubHost": r"[a-z0-9-]{3,50}\.azure-devices\.net",
            "name": r"[a-z0-9-]{1,128}",
            "targetCondition": r"\(.+\)",
        },
        allowed={"kind": ("base", "layer")},
    ),
    "mledge:tls:Certificate": Rule(required=("commonName", "dnsNames", "validityDays", "rotation")),
    "mledge:secret:Key": Rule(required=("bytes", "rotation")),
    "mledge:azure:Purge": Rule(
        required=("kind", "resourceId", "location"), allowed={"kind": ("workspace", "vault", "logAnalytics")}
    ),
    "mledge:azure:RoleReady": Rule(
        required=("checks", "timeoutSeconds", "settleSeconds"),
        patterns={"checks[*].principalId": _GUID, "checks[*].scope": "/.+", "checks[*].roleDefinitionId": "/.+"},
    ),
}


def problems(kind: str, inputs: Mapping[str, Any], *, previewing: bool) -> list[str]:
    if kind not in RULES:
        return ["the strict mock knows no rule for this type: add one to tests/infra/rules.py"]
    rule = RULES[kind]
    found = [f"{key} is missing" for key in rule.required if inputs.get(key) is None]
    found += [f"{key} is not expected" for key in inputs if key not in (*rule.required, *rule.optional)]
    for path, pattern in rule.patterns.items():
        found += [
            f"{path} {value!r} does not match {pattern}"
            for value in _at(inputs, path)
            if not (previewing and UNKNOWN in str(value)) and not re.fullmatch(pattern, str(value))
        ]
    for path, allowed in rule.allowed.items():
        found += [f"{path} {value!r} is not one of {allowed}" for value in _at(inputs, path) if value not in allowed]
    return found


def _at(value: Any, path: str) -> list[Any]:
    """Values at a dotted path; `[*]` is every item of a list. A path that is not there has none."""
    if not path:
        return [value]
    if path.startswith("[*]"):
        return [hit for item in value for hit in _at(item, path[3:].lstrip("."))] if isinstance(value, list) else []
    match = re.match(r"([^.\[]+)(.*)", path)
    assert match is not None, path
    head, rest = match[1], match[2].lstrip(".")
    return _at(value[head], rest) if isinstance(value, Mapping) and head in value else []
