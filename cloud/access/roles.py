"""Azure's built-in roles by the ids that assignments carry, for whoever tells of them.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

NAMES = {
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "69566ab7-960f-475b-8e7c-b3118f30c6bd": "Storage File Data Privileged Contributor",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": "AcrPull",
    "4fc6c259-987e-4a07-842e-c321cc9d413f": "IoT Hub Data Contributor",
    "85cb6faf-e071-4c9b-8136-154b5a04f717": "Kubernetes Extension Contributor",
    "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8": "Azure Kubernetes Service Cluster Admin Role",
}

ASSIGNED = (
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "4fc6c259-987e-4a07-842e-c321cc9d413f",
)
"""What the program assigns to its identities and to who deploys: whoever runs `up` must be let assign exactly these."""

ASSIGNED_FOR_KUBERNETES = (
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "85cb6faf-e071-4c9b-8136-154b5a04f717",
    "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8",
)
"""Beside these, where a stack has a Kubernetes cluster: to the workspace's identity, at the cluster."""

ASSIGNED_FOR_MACHINES = (
    "4633458b-17de-408a-b874-0445c86b69e6",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
)
"""Beside these, where a device of the stack is a virtual machine: to its identity, at the secret that is the device's
key, and to who deploys, at the vault."""


def role_name(definition_id: str) -> str:
    """Of a role definition's id or GUID; the GUID itself where the role is not among these."""
    guid = definition_id.rpartition("/")[2].lower()
    return NAMES.get(guid, guid)
