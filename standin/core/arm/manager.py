"""The generic store of resources: those that are alive, and the soft-deleted ones whose names are still taken.

How a PUT or DELETE goes is in `writes.py`, its long operations in `operations.py`, HTTP in `http/`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from standin.core.arm import ids
from standin.core.arm.errors import ResourceNotFound
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.clock import Clock, iso
from standin.core.store import Store

Resources = list[Resource]
_ALIVE = "arm"
_DELETED = "arm deleted"


class Arm:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get(self, resource_id: str) -> Resource | None:
        document = self._store.get(_ALIVE, _key(resource_id))
        return Resource(**document) if document else None

    def require(self, resource_id: str) -> Resource:
        """The resource, or ARM's 404 for it."""
        resource = self.get(resource_id)
        if resource is None:
            parts = ids.parse(resource_id)
            raise ResourceNotFound(
                parts.type if parts else "", parts.name if parts else resource_id, parts.group if parts else ""
            )
        return resource

    def list(self, resource_type: str | None = None, scope: str = "") -> Resources:
        """Resources of a type (all types: None) at or below an id, in id order."""
        asked_type = resource_type.lower() if resource_type else None
        prefix = _key(scope) if scope else ""
        resources = [Resource(**document) for _, document in self._store.list(_ALIVE, prefix)]
        return [
            resource
            for resource in resources
            if (asked_type is None or resource.type.lower() == asked_type)
            and (not prefix or resource.key == prefix or resource.key.startswith(prefix + "/"))
        ]

    def save(self, resource: Resource) -> None:
        """Commits what a service changed on a resource outside of `apply` (live state, private facts)."""
        self._store.put(_ALIVE, resource.key, _document(resource))

    def forget(self, resource: Resource) -> None:
        self._store.delete(_ALIVE, resource.key)

    # -- soft-deleted ones; their kind says under which key and for how long

    def deleted(self, kind: ResourceKind) -> Resources:
        resources = [Resource(**document) for _, document in self._store.list(_DELETED, kind.type.lower() + "|")]
        return [resource for resource in resources if not self._expired(kind, resource)]

    def deleted_like(self, kind: ResourceKind, resource: Resource) -> Resource | None:
        """The soft-deleted resource that holds this resource's name."""
        document = self._store.get(_DELETED, _deleted_key(kind, resource))
        deleted = Resource(**document) if document else None
        return None if deleted is None or self._expired(kind, deleted) else deleted

    def keep_deleted(self, kind: ResourceKind, resource: Resource) -> None:
        resource.private["deletedAt"] = iso(self._clock.now())
        self._store.put(_DELETED, _deleted_key(kind, resource), _document(resource))

    def forget_deleted(self, kind: ResourceKind, resource: Resource) -> bool:
        return self._store.delete(_DELETED, _deleted_key(kind, resource))

    async def purge(self, kind: ResourceKind, resource: Resource) -> None:
        """Ends a soft-deleted resource."""
        await kind.purge(resource)
        self.forget_deleted(kind, resource)

    def purge_at(self, kind: ResourceKind, resource: Resource) -> datetime:
        """When the retention of a soft-deleted resource ends."""
        since = datetime.fromisoformat(resource.private["deletedAt"])
        return since + timedelta(days=kind.retention_days(resource))

    def _expired(self, kind: ResourceKind, resource: Resource) -> bool:
        return self._clock.now() >= self.purge_at(kind, resource)


def _document(resource: Resource) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in Resource.__dataclass_fields__}


def _key(resource_id: str) -> str:
    return "/" + resource_id.strip("/").lower()


def _deleted_key(kind: ResourceKind, resource: Resource) -> str:
    return f"{kind.type.lower()}|{kind.deleted_key(resource).lower()}"
