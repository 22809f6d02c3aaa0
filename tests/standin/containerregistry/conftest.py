from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from standin.containerregistry.names import REGISTRIES
from standin.containerregistry.signer import Keys
from standin.containerregistry.state import Registries
from standin.core.arm import Resource
from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID, Roles
from standin.core.clock import iso
from standin.core.profile import SLOW
from standin.foundation import Foundation, lay_foundation

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"


class Bench:
    """A registry with its tokens in the store, and no process behind it."""

    def __init__(self, base: Foundation) -> None:
        self.base = base
        self.registries = Registries(
            base.arm,
            Keys(base.state / "registry" / ".keys"),
            store=base.store,
            clock=base.clock,
            roles=base.roles,
            issuer=base.issuer,
        )
        self.registry = self.save("edgewaybench", REGISTRIES, {"roleAssignmentMode": "LegacyRegistryPermissions"})
        self.server = "127.0.0.1:5000"

    def save(self, name: str, kind: str, properties: dict[str, Any]) -> Resource:
        path = f"{GROUP}/providers/{kind}/{name}"
        if kind != REGISTRIES:
            path = f"{self.registry.id}/{kind.rpartition('/')[2]}/{name}"
        made = Resource(id=path, type=kind, name=name, body={"properties": properties}, private={"port": 5000})
        made.created_at = iso(self.base.clock.now())
        self.base.arm.save(made)
        return made

    def grant(self, role: str, scope: str, principal: str = "somebody") -> None:
        assignment = {
            "scope": scope,
            "principalId": principal,
            "roleDefinitionId": f"/x/roleDefinitions/{BUILT_IN_ROLES[role]}",
            "createdOn": iso(self.base.clock.now()),
        }
        self.base.store.put(Roles.KIND, str(uuid.uuid4()), assignment)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    base = lay_foundation(tmp_path, profile=SLOW, port_base=1)
    yield Bench(base)
    await base.close()
