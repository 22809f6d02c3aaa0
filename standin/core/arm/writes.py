"""PUT, PATCH and DELETE of a resource: the checks that every type shares, then the kind's own part.

Order of a PUT: check -> commit "Creating" with an operation -> apply -> commit "Succeeded" -> answer. A process killed
in between finds the operation at its next start and applies again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standin.core.arm import identity, ids, paths
from standin.core.arm.errors import (
    InvalidResourceGroupLocation,
    InvalidResourceLocation,
    LocationRequired,
    ParentResourceNotFound,
)
from standin.core.arm.groups import GROUP_TYPE, require_group
from standin.core.arm.kind_table import KindTable
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.arm.manager import Arm
from standin.core.arm.operations import Operation, Operations
from standin.core.clock import Clock, iso
from standin.core.errors import ServiceError
from standin.core.profile import Profile
from standin.core.store import Store

log = logging.getLogger("standin.arm")

_ENVELOPE_OF_ANSWERS = ("id", "name", "type", "systemData")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    resource: Resource
    created: bool
    operation: Operation | None
    """None: done before the answer."""


class Writes:
    def __init__(
        self, arm: Arm, kinds: KindTable, operations: Operations, *, store: Store, clock: Clock, profile: Profile
    ) -> None:
        self._arm = arm
        self._kinds = kinds
        self._operations = operations
        self._store = store
        self._clock = clock
        self._long = profile.operation_polls > 0
        """Whether operations of every type outlast their request."""
        self._locks: dict[str, asyncio.Lock] = {}

    async def put(self, parts: ids.ResourceId, kind: ResourceKind, body: dict[str, Any], *, patch: bool) -> Written:
        lock = self._lock(parts.key)
        await lock.acquire()
        try:
            old = self._arm.require(parts.text) if patch else self._arm.get(parts.text)
            new = await self._checked(parts, kind, body, old, patch=patch)
            operation = self._begin(kind, new, old)
        except BaseException:
            lock.release()
            raise
        if self._outlasts(kind) and kind.operation_of(update=old is not None) != "none":
            self._operations.run(operation, self._apply(kind, new, old, operation, lock, keep_failed=True))
            return Written(resource=new, created=old is None, operation=operation)
        await self._apply(kind, new, old, operation, lock, keep_failed=False)
        self._operations.forget(operation)
        if operation.error is not None:
            raise operation.refusal()
        return Written(resource=new, created=old is None, operation=None)

    async def delete(self, resource: Resource, query: Mapping[str, str]) -> Operation | None:
        """None when it is gone already; else the operation that a client follows."""
        kind = self._kinds.of(resource)
        await kind.check_delete(resource, query)
        operation = self._operations.begin(resource, "delete", purge=kind.purges(query))
        if self._outlasts(kind) and kind.delete_operation != "none":
            self._mark_deleting(kind, resource)
            self._operations.run(operation, self._delete(operation))
            return operation
        await self._delete(operation)
        self._operations.forget(operation)
        if operation.error is not None:
            raise operation.refusal()
        return None

    async def delete_now(self, resource: Resource) -> None:
        """Removes and purges a resource with all below it, without an operation to follow."""
        for below in self._in_order_of_removal(resource.id):
            await self._delete_one(below, purge=True)

    async def resume(self) -> None:
        """Takes up the operations that a killed process left behind, ahead of any new write to their resources."""
        for operation in self._operations.interrupted():
            log.info("resuming %s of %s", operation.verb, operation.resource_id)
            if operation.verb == "delete":
                self._operations.run(operation, self._delete(operation))
                continue
            resource = self._arm.get(operation.resource_id)
            if resource is None:
                self._operations.forget(operation)
                continue
            old = Resource(**operation.old) if operation.old else None
            lock = self._lock(resource.key)
            if lock.locked():
                self._operations.forget(operation)
                continue
            await lock.acquire()
            kind = self._kinds.of(resource)
            self._operations.run(operation, self._apply(kind, resource, old, operation, lock, keep_failed=True))

    def _outlasts(self, kind: ResourceKind) -> bool:
        return self._long or kind.always_long

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    async def _checked(
        self, parts: ids.ResourceId, kind: ResourceKind, body: dict[str, Any], old: Resource | None, *, patch: bool
    ) -> Resource:
        if old is None:
            self._check_parents(parts, kind)
        body = {key: value for key, value in body.items() if key not in _ENVELOPE_OF_ANSWERS}
        if isinstance(body.get("properties"), dict):
            body["properties"] = {k: v for k, v in body["properties"].items() if k != "provisioningState"}
        if not patch:
            body = paths.without_nulls(body)
        elif old is not None:
            body = {**paths.patched(old.body, body), **({"tags": body["tags"]} if body.get("tags") is not None else {})}
        now = iso(self._clock.now())
        new = Resource(
            id=old.id if old else parts.text,
            type=kind.type,
            name=old.name if old else parts.name,
            body=paths.merge(kind.defaults, body),
            private=dict(old.private) if old else {},
            created_at=old.created_at if old else now,
            changed_at=now,
            generation=old.generation + 1 if old else 1,
        )
        self._check_location(kind, new, old)
        self._check_create_only(kind, new, old)
        identity.complete(new, old, self._arm.get)
        await kind.check(new, old)
        deleted = self._arm.deleted_like(kind, new) if kind.soft_delete and old is None else None
        return kind.meet_deleted(new, deleted) if deleted else new

    def _check_parents(self, parts: ids.ResourceId, kind: ResourceKind) -> None:
        if parts.group and kind.type != GROUP_TYPE:
            require_group(self._arm, parts)
        parent = self._kinds.parent(parts)
        if parent is not None and self._arm.get(parent) is None:
            above = ids.parse(parent)
            raise ParentResourceNotFound(kind.type, above.name if above else parent)

    def _check_location(self, kind: ResourceKind, new: Resource, old: Resource | None) -> None:
        if not kind.tracked:
            return
        if not new.location and old is not None:
            new.body["location"] = old.location
        if not isinstance(new.body.get("location"), str) or not new.location.strip():
            raise LocationRequired
        new.body["location"] = ids.location_name(new.location)
        if old is not None and old.location != new.location:
            if new.type == GROUP_TYPE:
                raise InvalidResourceGroupLocation(old.location, new.location)
            raise InvalidResourceLocation(new.name, new.group, old.location, new.location)

    def _check_create_only(self, kind: ResourceKind, new: Resource, old: Resource | None) -> None:
        if old is None:
            return
        for path in kind.create_only:
            before, after = paths.find(old.body, path), paths.find(new.body, path)
            if after is paths.MISSING or before is paths.MISSING or before == after:
                continue
            raise kind.refuse_change(path, before, after, new)

    def _begin(self, kind: ResourceKind, new: Resource, old: Resource | None) -> Operation:
        if kind.provisioning_state:
            new.properties["provisioningState"] = "Updating" if old else "Creating"
        with self._store.transaction():
            if old is None and kind.soft_delete:
                self._arm.forget_deleted(kind, new)
            self._arm.save(new)
            return self._operations.begin(new, "put", old=old)

    async def _apply(
        self,
        kind: ResourceKind,
        new: Resource,
        old: Resource | None,
        operation: Operation,
        lock: asyncio.Lock,
        *,
        keep_failed: bool,
    ) -> None:
        """Ends the operation one way or the other; releases the resource's lock."""
        try:
            try:
                await kind.apply(new, old)
            except ServiceError as problem:
                operation.fail(problem)
            except Exception:
                log.exception("apply of %s failed", new.id)
                operation.fail(ServiceError("Encountered internal server error."))
            if operation.error is None:
                self._succeed(kind, new, operation)
            elif keep_failed:
                self._keep_failed(kind, new, operation)
            else:
                await self._undo(kind, new, old, operation)
        finally:
            lock.release()

    def _succeed(self, kind: ResourceKind, new: Resource, operation: Operation) -> None:
        if kind.provisioning_state and new.properties.get("provisioningState") in ("Creating", "Updating"):
            new.properties["provisioningState"] = "Succeeded"
        with self._store.transaction():
            self._arm.save(new)
            self._operations.finish(operation)

    def _keep_failed(self, kind: ResourceKind, new: Resource, operation: Operation) -> None:
        if kind.provisioning_state:
            new.properties["provisioningState"] = "Failed"
        with self._store.transaction():
            self._arm.save(new)
            self._operations.finish(operation)

    async def _undo(self, kind: ResourceKind, new: Resource, old: Resource | None, operation: Operation) -> None:
        """A write that failed before its answer leaves what was there: nothing, or the old description."""
        if old is None:
            try:
                await kind.remove(new)
            except ServiceError as problem:
                log.warning("cannot take back %s: %s", new.id, problem)
        with self._store.transaction():
            if old is None:
                self._arm.forget(new)
            else:
                self._arm.save(old)
            self._operations.finish(operation)

    def _mark_deleting(self, kind: ResourceKind, resource: Resource) -> None:
        if kind.provisioning_state:
            resource.properties["provisioningState"] = "Deleting"
            self._arm.save(resource)

    async def _delete(self, operation: Operation) -> None:
        try:
            for resource in self._in_order_of_removal(operation.resource_id):
                below_deleted = self._dies_with_parent(resource, operation.resource_id)
                await self._delete_one(resource, purge=operation.purge or below_deleted)
        except ServiceError as problem:
            operation.fail(problem)
        except Exception:
            log.exception("delete of %s failed", operation.resource_id)
            operation.fail(ServiceError("Encountered internal server error."))
        self._operations.finish(operation)

    def _in_order_of_removal(self, resource_id: str) -> list[Resource]:
        """The resource and all below it: newest first, because a thing can only refer to what was there before it."""
        resources = self._arm.list(scope=resource_id)
        return sorted(resources, key=lambda resource: (resource.created_at, resource.key.count("/")), reverse=True)

    def _dies_with_parent(self, resource: Resource, deleted_id: str) -> bool:
        """What lies in a soft-deleted resource is kept or lost with it, and holds no name of its own."""
        parent = self._arm.get(resource.parent_id)
        return parent is not None and parent.key.startswith(deleted_id.lower()) and self._kinds.of(parent).soft_delete

    async def _delete_one(self, listed: Resource, *, purge: bool) -> None:
        async with self._lock(listed.key):
            resource = self._arm.get(listed.id)
            if resource is None:
                return
            kind = self._kinds.of(resource)
            await kind.remove(resource)
            if purge or not kind.soft_delete:
                await kind.purge(resource)
            with self._store.transaction():
                if kind.soft_delete and not purge:
                    self._arm.keep_deleted(kind, resource)
                self._arm.forget(resource)
        self._locks.pop(listed.key, None)
