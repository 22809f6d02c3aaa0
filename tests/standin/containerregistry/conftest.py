from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from standin.app import make_world
from standin.containerregistry import kinds
from standin.containerregistry.state import REGISTRIES, Registries
from standin.core.arm import Resource
from standin.core.auth import BUILT_IN_ROLES, SUBSCRIPTION_ID
from standin.core.clock import iso
from standin.core.profile import SLOW
from standin.core.world import World

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg"


class Bench:
    """A registry with its tokens in the store, and no process behind it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.registries = Registries(world)
        self.registry = self.save("edgewaybench", REGISTRIES, {"roleAssignmentMode": "LegacyRegistryPermissions"})
        self.server = "127.0.0.1:5000"

    def save(self, name: str, kind: str, properties: dict[str, Any]) -> Resource:
        path = f"{GROUP}/providers/{kind}/{name}"
        if kind != REGISTRIES:
            path = f"{self.registry.id}/{kind.rpartition('/')[2]}/{name}"
        made = Resource(id=path, type=kind, name=name, body={"properties": properties}, private={"port": 5000})
        made.created_at = iso(self.world.clock.now())
        self.world.arm.save(made)
        return made

    def grant(self, role: str, scope: str, principal: str = "somebody") -> None:
        assignment = {
            "scope": scope,
            "principalId": principal,
            "roleDefinitionId": f"/x/roleDefinitions/{BUILT_IN_ROLES[role]}",
            "createdOn": iso(self.world.clock.now()),
        }
        self.world.store.put(self.world.roles.KIND, str(uuid.uuid4()), assignment)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    world = make_world(tmp_path, profile=SLOW, port_base=1)
    for kind in kinds(world):
        world.arm.register(kind)
    yield Bench(world)
    await world.docker.close()
    world.store.close()
