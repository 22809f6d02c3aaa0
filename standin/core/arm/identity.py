"""The `identity` block of an ARM resource: system-assigned principals and references to user-assigned ones.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from standin.core.arm.errors import FailedIdentity
from standin.core.arm.kinds import Resource
from standin.core.auth import TENANT_ID

_PRINCIPALS = uuid.UUID("9d0d4c64-8f0f-4a0b-bd18-edee0a1a0002")


def new_principal(seed: str) -> str:
    return str(uuid.uuid5(_PRINCIPALS, seed))


def complete(resource: Resource, old: Resource | None, find: Callable[[str], Resource | None]) -> None:
    """Fills in principals as Azure does; a principal lives as long as the resource, so a re-created one is another."""
    block = resource.body.get("identity")
    if not isinstance(block, dict):
        return
    kind = str(block.get("type", "None")).replace(" ", "").lower()
    before = (old.body.get("identity") if old else None) or {}
    completed: dict[str, Any] = {"type": block.get("type", "None")}
    if "systemassigned" in kind:
        completed["principalId"] = before.get("principalId") or new_principal(f"{resource.key}|{resource.created_at}")
        completed["tenantId"] = TENANT_ID
    if "userassigned" in kind:
        completed["userAssignedIdentities"] = {
            name: _assigned(name, find(name)) for name in (block.get("userAssignedIdentities") or {})
        }
    resource.body["identity"] = completed


def _assigned(name: str, identity: Resource | None) -> dict[str, str]:
    if identity is None:
        raise FailedIdentity(name)
    return {"principalId": identity.properties["principalId"], "clientId": identity.properties["clientId"]}
