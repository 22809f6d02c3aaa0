"""https://learn.microsoft.com/rest/api/managedidentity/"""

from __future__ import annotations

from typing import Any

from standin.core.arm import Resource, ResourceKind
from standin.core.arm.identity import new_principal
from standin.core.auth import TENANT_ID


class UserAssignedIdentity(ResourceKind):
    type = "Microsoft.ManagedIdentity/userAssignedIdentities"
    provisioning_state = False
    system_data = False
    operation = "none"
    delete_operation = "none"
    keeps = ()

    def view(self, resource: Resource) -> dict[str, Any]:
        """Its ids come back in the service's own spelling, whatever was asked for."""
        return {**resource.body, "id": resource.id.replace("/resourceGroups/", "/resourcegroups/")}

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        seed = f"{resource.key}|{resource.created_at}"
        resource.body["properties"] = {
            "principalId": new_principal(seed),
            "clientId": new_principal(seed + "|client"),
            "tenantId": TENANT_ID,
        }
