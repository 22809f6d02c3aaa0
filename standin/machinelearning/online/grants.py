"""What Azure gives a system-assigned identity of an endpoint by itself: to pull from the workspace's registry, and to
read its storage. A user-assigned one gets nothing.

https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online-auth#permissions-for-the-endpoint-identity
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from standin.core.arm import Arm, Resource
from standin.core.auth import Roles


class Grants:
    def __init__(self, arm: Arm, roles: Roles) -> None:
        self._arm = arm
        self._roles = roles

    def give(self, endpoint: Resource) -> None:
        """Effective at once: Azure itself waits until they are."""
        principal = str((endpoint.body.get("identity") or {}).get("principalId") or "")
        for key, scope, role in self._of(endpoint) if principal else ():
            self._roles.assign(key, scope=scope, principal=principal, role=role)

    def withdraw(self, endpoint: Resource) -> None:
        for key, _, _ in self._of(endpoint):
            self._roles.unassign(key)

    def _of(self, endpoint: Resource) -> Iterator[tuple[str, str, str]]:
        """Key, scope and role of each."""
        workspace = self._arm.get(endpoint.parent_id)
        linked = workspace.properties if workspace else {}
        for name, role in (("containerRegistry", "AcrPull"), ("storageAccount", "Storage Blob Data Reader")):
            if scope := linked.get(name):
                guid = uuid.uuid5(uuid.NAMESPACE_URL, f"{endpoint.key}|{role}")
                yield f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid}".lower(), str(scope), role
