"""The generic resource manager: which types exist, what there is of them, and how it is read.

How a PUT or DELETE goes is in `writes.py`, its long operations in `operations.py`, HTTP in `service.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from standin.core.arm import ids, paths
from standin.core.arm.errors import ResourceNotFound
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import DEPLOYER_CLIENT_ID
from standin.core.clock import iso
from standin.core.http import Route

if TYPE_CHECKING:
    from standin.core.world import World

Resources = list[Resource]
Kinds = list[ResourceKind]
_ALIVE = "arm"
_DELETED = "arm deleted"


class Arm:
    def __init__(self, world: World) -> None:
        self.world = world
        self.routes: list[Route] = []
        """Routes on management.azure.com that belong to no resource (deletedVaults, checkNameAvailability)."""
        self._kinds: dict[str, ResourceKind] = {}

    def register(self, kind: ResourceKind) -> None:
        key = kind.type.lower()
        if key in self._kinds:
            raise ValueError(f"resource type {kind.type!r} is registered twice")
        self._kinds[key] = kind

    def route(self, route: Route) -> None:
        self.routes.append(route)

    def kind(self, resource_type: str) -> ResourceKind | None:
        return self._kinds.get(resource_type.lower())

    def kind_of(self, resource: Resource) -> ResourceKind:
        return self._kinds[resource.type.lower()]

    def kinds(self) -> Kinds:
        return list(self._kinds.values())

    def get(self, resource_id: str) -> Resource | None:
        found = self.world.store.get(_ALIVE, _key(resource_id))
        return Resource(**found) if found else None

    def require(self, resource_id: str) -> Resource:
        """The resource, or ARM's 404 for it."""
        found = self.get(resource_id)
        if found is None:
            parts = ids.parse(resource_id)
            raise ResourceNotFound(
                parts.type if parts else "", parts.name if parts else resource_id, parts.group if parts else ""
            )
        return found

    def list(self, resource_type: str | None = None, scope: str = "") -> Resources:
        """Resources of a type (all types: None) at or below an id, in id order."""
        wanted = resource_type.lower() if resource_type else None
        prefix = _key(scope) if scope else ""
        found = [Resource(**document) for _, document in self.world.store.list(_ALIVE, prefix)]
        return [
            resource
            for resource in found
            if (wanted is None or resource.type.lower() == wanted)
            and (not prefix or resource.key == prefix or resource.key.startswith(prefix + "/"))
        ]

    def save(self, resource: Resource) -> None:
        """Commits what a service changed on a resource outside of `apply` (live state, private facts)."""
        self.world.store.put(_ALIVE, resource.key, _document(resource))

    def forget(self, resource: Resource) -> None:
        self.world.store.delete(_ALIVE, resource.key)

    def deleted(self, resource_type: str | None = None) -> Resources:
        """Soft-deleted resources, whose names are still taken."""
        wanted = resource_type.lower() if resource_type else None
        found = [Resource(**document) for _, document in self.world.store.list(_DELETED)]
        kept = [resource for resource in found if not self._expired(resource)]
        return [resource for resource in kept if wanted is None or resource.type.lower() == wanted]

    def deleted_like(self, resource: Resource) -> Resource | None:
        """The soft-deleted resource that holds this resource's name."""
        kind = self.kind_of(resource)
        found = self.world.store.get(_DELETED, _deleted_key(kind, resource))
        deleted = Resource(**found) if found else None
        return None if deleted is None or self._expired(deleted) else deleted

    def keep_deleted(self, resource: Resource) -> None:
        resource.private["deletedAt"] = iso(self.world.clock.now())
        self.world.store.put(_DELETED, _deleted_key(self.kind_of(resource), resource), _document(resource))

    def forget_deleted(self, resource: Resource) -> bool:
        return self.world.store.delete(_DELETED, _deleted_key(self.kind_of(resource), resource))

    def purge_at(self, resource: Resource) -> datetime:
        """When the retention of a soft-deleted resource ends."""
        since = datetime.fromisoformat(resource.private["deletedAt"])
        return since + timedelta(days=self.kind_of(resource).retention_days(resource))

    def _expired(self, resource: Resource) -> bool:
        return self.world.clock.now() >= self.purge_at(resource)

    async def purge(self, resource: Resource) -> None:
        """Ends a soft-deleted resource."""
        await self.kind_of(resource).purge(self.world, resource)
        self.forget_deleted(resource)

    def render(self, resource: Resource) -> dict[str, Any]:
        """The resource as ARM answers it: envelope, body, nothing write-only."""
        kind = self.kind_of(resource)
        body = paths.without(kind.view(self.world, resource), kind.write_only)
        envelope: dict[str, Any] = {"id": resource.id, "name": resource.name, "type": resource.type}
        return {**envelope, **body, "systemData": _system_data(resource)}

    def parent(self, parts: ids.ResourceId) -> str | None:
        """Id of the nearest thing that must be there before it: of a known type, below the resource group."""
        kind = self.kind(parts.type)
        above = ids.parse(parts.parent)
        skip = kind is not None and kind.implied_parent
        while above is not None and "/providers/" in above.key:
            if self.kind(above.type) and not skip:
                return above.text
            skip = False
            above = ids.parse(above.parent)
        return None


def _system_data(resource: Resource) -> Mapping[str, str]:
    return {
        "createdBy": DEPLOYER_CLIENT_ID,
        "createdByType": "Application",
        "createdAt": resource.created_at,
        "lastModifiedBy": DEPLOYER_CLIENT_ID,
        "lastModifiedByType": "Application",
        "lastModifiedAt": resource.changed_at,
    }


def _document(resource: Resource) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in Resource.__dataclass_fields__}


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()


def _deleted_key(kind: ResourceKind, resource: Resource) -> str:
    return f"{kind.type.lower()}|{kind.deleted_key(resource).lower()}"
