"""The built-in roles that this project meets, with what they permit.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
Long lists are cut to what the stand-in serves; what a role must not permit is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from standin.core.rbac.permissions import Permissions

_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_DELEGATION = "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"
_FILES = "Microsoft.Storage/storageAccounts/fileServices/fileShares/files"
_SHARES = "Microsoft.Storage/storageAccounts/fileServices"
_VAULT = "Microsoft.KeyVault/vaults"
_VAULT_READERS = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.KeyVault/checkNameAvailability/read",
    "Microsoft.KeyVault/deletedVaults/read",
    "Microsoft.KeyVault/locations/*/read",
    "Microsoft.KeyVault/vaults/*/read",
)
_HUBS = "Microsoft.Devices/IotHubs"
_AKS = "Microsoft.ContainerService/managedClusters"
_REGISTRY = "Microsoft.ContainerRegistry/registries"


@dataclass(frozen=True, slots=True)
class BuiltIn:
    guid: str
    permissions: Permissions


ROLES: Mapping[str, BuiltIn] = {
    "Owner": BuiltIn("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Permissions(("*",))),
    "Contributor": BuiltIn(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        Permissions(
            ("*",),
            (
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.Blueprint/blueprintAssignments/write",
                "Microsoft.Blueprint/blueprintAssignments/delete",
                "Microsoft.Compute/galleries/share/action",
                "Microsoft.Purview/consents/write",
                "Microsoft.Purview/consents/delete",
                "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            ),
        ),
    ),
    "Reader": BuiltIn("acdd72a7-3385-48ef-bd42-f606fba81ae7", Permissions(("*/read",))),
    "Role Based Access Control Administrator": BuiltIn(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        Permissions(
            (
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                "*/read",
                "Microsoft.Support/*",
            )
        ),
    ),
    "User Access Administrator": BuiltIn(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", Permissions(("*/read", "Microsoft.Authorization/*"))
    ),
    "AcrPull": BuiltIn("7f951dda-4ed3-4680-a7ca-43fe172d538d", Permissions((f"{_REGISTRY}/pull/read",))),
    "AcrPush": BuiltIn(
        "8311e382-0749-4cb8-b61a-304f252e45ec", Permissions((f"{_REGISTRY}/pull/read", f"{_REGISTRY}/push/write"))
    ),
    "AcrDelete": BuiltIn("c2f4ef07-c644-48eb-af81-4b1b4947fb11", Permissions((f"{_REGISTRY}/artifacts/delete",))),
    "Container Registry Repository Reader": BuiltIn(
        "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        Permissions(data_actions=(f"{_REGISTRY}/repositories/metadata/read", f"{_REGISTRY}/repositories/content/read")),
    ),
    "Container Registry Repository Writer": BuiltIn(
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        Permissions(
            data_actions=(
                f"{_REGISTRY}/repositories/metadata/read",
                f"{_REGISTRY}/repositories/content/read",
                f"{_REGISTRY}/repositories/metadata/write",
                f"{_REGISTRY}/repositories/content/write",
            )
        ),
    ),
    "Storage Blob Data Owner": BuiltIn(
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        Permissions((f"{_CONTAINERS}/*", _DELEGATION), data_actions=(f"{_CONTAINERS}/blobs/*",)),
    ),
    "Storage Blob Data Contributor": BuiltIn(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        Permissions(
            (f"{_CONTAINERS}/delete", f"{_CONTAINERS}/read", f"{_CONTAINERS}/write", _DELEGATION),
            data_actions=tuple(
                f"{_CONTAINERS}/blobs/{right}" for right in ("delete", "read", "write", "move/action", "add/action")
            ),
        ),
    ),
    "Storage Blob Data Reader": BuiltIn(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        Permissions((f"{_CONTAINERS}/read", _DELEGATION), data_actions=(f"{_CONTAINERS}/blobs/read",)),
    ),
    "Storage File Data Privileged Contributor": BuiltIn(
        "69566ab7-960f-475b-8e7c-b3118f30c6bd",
        Permissions(
            data_actions=(
                *(f"{_FILES}/{right}" for right in ("read", "write", "delete", "modifypermissions/action")),
                f"{_SHARES}/readFileBackupSemantics/action",
                f"{_SHARES}/writeFileBackupSemantics/action",
            )
        ),
    ),
    "Key Vault Administrator": BuiltIn(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483", Permissions(_VAULT_READERS, data_actions=(f"{_VAULT}/*",))
    ),
    "Key Vault Secrets Officer": BuiltIn(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", Permissions(_VAULT_READERS, data_actions=(f"{_VAULT}/secrets/*",))
    ),
    "Key Vault Secrets User": BuiltIn(
        "4633458b-17de-408a-b874-0445c86b69e6",
        Permissions(
            data_actions=(f"{_VAULT}/secrets/getSecret/action", f"{_VAULT}/secrets/readMetadata/action"),
        ),
    ),
    "Key Vault Crypto Officer": BuiltIn(
        "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
        Permissions(_VAULT_READERS, data_actions=(f"{_VAULT}/keys/*", f"{_VAULT}/keyrotationpolicies/*")),
    ),
    "Key Vault Crypto User": BuiltIn(
        "12338af0-0e69-4776-bea7-57ae8d297424",
        Permissions(
            data_actions=tuple(
                f"{_VAULT}/keys/{right}"
                for right in (
                    "read",
                    "update/action",
                    "backup/action",
                    "encrypt/action",
                    "decrypt/action",
                    "wrap/action",
                    "unwrap/action",
                    "sign/action",
                    "verify/action",
                )
            ),
        ),
    ),
    "AzureML Data Scientist": BuiltIn(
        "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        Permissions(
            tuple(
                f"Microsoft.MachineLearningServices/workspaces/*/{right}"
                for right in ("read", "action", "delete", "write")
            ),
            (
                "Microsoft.MachineLearningServices/workspaces/delete",
                "Microsoft.MachineLearningServices/workspaces/write",
                "Microsoft.MachineLearningServices/workspaces/computes/*/write",
                "Microsoft.MachineLearningServices/workspaces/computes/*/delete",
                "Microsoft.MachineLearningServices/workspaces/computes/listKeys/action",
                "Microsoft.MachineLearningServices/workspaces/listKeys/action",
            ),
        ),
    ),
    "Managed Identity Operator": BuiltIn(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        Permissions(
            (
                "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
                "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
                "Microsoft.Authorization/*/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
            )
        ),
    ),
    "Azure Kubernetes Service Cluster Admin Role": BuiltIn(
        "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
        Permissions(
            (
                f"{_AKS}/listClusterAdminCredential/action",
                f"{_AKS}/accessProfiles/listCredential/action",
                f"{_AKS}/read",
                f"{_AKS}/runcommand/action",
            )
        ),
    ),
    "Azure Kubernetes Service RBAC Cluster Admin": BuiltIn(
        "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
        Permissions(
            (
                "Microsoft.Authorization/*/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                f"{_AKS}/listClusterUserCredential/action",
            ),
            data_actions=(f"{_AKS}/*",),
        ),
    ),
    "Kubernetes Extension Contributor": BuiltIn(
        "85cb6faf-e071-4c9b-8136-154b5a04f717",
        Permissions(
            (
                "Microsoft.Authorization/*/read",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.KubernetesConfiguration/extensions/*",
                "Microsoft.KubernetesConfiguration/extensions/operations/read",
            )
        ),
    ),
    "Monitoring Metrics Publisher": BuiltIn(
        "3913510d-42f4-4e42-8a64-420c390055eb",
        Permissions(("Microsoft.Insights/Register/Action",), data_actions=("Microsoft.Insights/Metrics/Write",)),
    ),
    "IoT Hub Data Contributor": BuiltIn(
        "4fc6c259-987e-4a07-842e-c321cc9d413f", Permissions(data_actions=(f"{_HUBS}/*",))
    ),
    "IoT Hub Data Reader": BuiltIn(
        "b447c946-2db7-41ec-983d-d8bf3b1c77e3",
        Permissions(data_actions=(f"{_HUBS}/*/read", f"{_HUBS}/fileUpload/notifications/action")),
    ),
    "IoT Hub Registry Contributor": BuiltIn(
        "4ea46cd5-c1b2-4a8e-910b-273211f9ce47", Permissions(data_actions=(f"{_HUBS}/devices/*",))
    ),
    "IoT Hub Twin Contributor": BuiltIn(
        "494bdba2-168f-4f31-a0a1-191d2f7c028c", Permissions(data_actions=(f"{_HUBS}/twins/*",))
    ),
}
BY_GUID: Mapping[str, BuiltIn] = {role.guid: role for role in ROLES.values()}
