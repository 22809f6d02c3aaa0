"""Which right of an `up` is missing, where, and which line of docs/azure.md gives it: asked before anything is made.

A handful of GETs: the principal's permissions where the program makes things, where vaults are purged, and at the hub
and the storage account once they are there. A right that was given a moment ago is listed at once, though services
honour it later: for that `up` waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cli.azure import LIMITS
from cli.needs.kubernetes import kubernetes_clusters
from cli.needs.need import Need
from cli.needs.online import online_endpoints
from cli.needs.subscription import Place
from cli.needs.virtual_machines import vm_hosts
from cloud.access import rights as wanted
from cloud.access.rights import Held
from cloud.access.roles import ASSIGNED, ASSIGNED_FOR_KUBERNETES, ASSIGNED_FOR_MACHINES
from cloud.arm import ARM_SCOPE
from cloud.errors import ServiceError, is_missing
from cloud.operation import Waiting
from cloud.retrying import with_retries
from cloud.sign_in import credential, object_id_of, principal_type_of

_GROUP_VERSION, _HUB_VERSION, _STORAGE_VERSION, _VAULT_VERSION = "2024-03-01", "2023-06-30", "2023-05-01", "2026-02-01"
_SHOWN = 2


@dataclass(frozen=True)
class Caller:
    """Who is signed in, and what ARM lists of it at a scope; raises ServiceError."""

    place: Place

    @cached_property
    def _token(self) -> str:
        return with_retries(Waiting(), "sign-in", lambda: credential().get_token(ARM_SCOPE).token, LIMITS)

    @property
    def object_id(self) -> str:
        return object_id_of(self._token)

    @property
    def type(self) -> str:
        return principal_type_of(self._token)

    def permissions(self, scope: str) -> Sequence[Mapping[str, Any]]:
        """None at all where it may not even ask."""
        path = f"{scope}/providers/Microsoft.Authorization/permissions"
        try:
            return list(self.place.get(path, wanted.PERMISSIONS_VERSION).get("value") or ())
        except ServiceError as error:
            if error.status == 403:
                return []
            raise

    def held(self, scope: str) -> list[Held]:
        """None at all where it may not even ask: that right is missing at the group already."""
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
        query = {"$filter": f"assignedTo('{self.object_id}')"}
        try:
            listed = self.place.get(path, wanted.PERMISSIONS_VERSION, **query).get("value") or ()
        except ServiceError as error:
            if error.status == 403:
                return []
            raise
        return [one for one in map(Held.of, listed) if one.reaches(scope)]

    def is_there(self, resource_id: str, version: str) -> bool:
        """False too for what may not be read: that is missing at the group already."""
        try:
            self.place.get(resource_id, version)
        except ServiceError as error:
            if is_missing(error) or error.status == 403:
                return False
            raise
        return True


def rights(place: Place) -> list[Need]:
    """A group of somebody else's is where roles are given; one of the stack's own is still to be made at first."""
    caller, made_here = Caller(place), place.names.existing_group is None
    there = caller.is_there(place.group, _GROUP_VERSION)
    scope = place.group if there or not made_here else place.scope
    making = [*wanted.IN_THE_GROUP, *(wanted.OF_THE_GROUP if made_here else ())]
    making += wanted.FOR_ONLINE_ENDPOINTS if any(online_endpoints(place.config)) else ()
    in_kubernetes = bool(kubernetes_clusters(place.config))
    computes = place.config.get("computes") or ()
    making += wanted.FOR_CLUSTERS if len(computes) > len(kubernetes_clusters(place.config)) else ()
    making += wanted.FOR_KUBERNETES if in_kubernetes else ()
    making += wanted.FOR_MACHINES if vm_hosts(place.config) else ()
    reading = [*wanted.PURGING, *(wanted.OF_THE_ROUTER if in_kubernetes else ())]
    permissions = caller.permissions(scope)
    purging = caller.permissions(place.scope) if scope != place.scope else permissions
    return [
        _need("right to make resources", wanted.missing(permissions, making), scope, "C1"),
        _need("right to assign roles", _not_assignable(caller, permissions, scope), scope, "C2"),
        _need("right to purge the vault", wanted.missing(purging, reading), place.scope, "C3"),
        *(_data(caller) if there else ()),
    ]


def _not_assignable(caller: Caller, permissions: Sequence[Mapping[str, Any]], scope: str) -> list[str]:
    if lacking := wanted.missing(permissions, wanted.ASSIGNING):
        return lacking
    operators = [str(one.get("type")) for one in _operators(caller)]
    config = caller.place.config
    roles = [
        *ASSIGNED,
        *(ASSIGNED_FOR_KUBERNETES if kubernetes_clusters(config) else ()),
        *(ASSIGNED_FOR_MACHINES if vm_hosts(config) else ()),
    ]
    return wanted.left_out(caller.held(scope), ["ServicePrincipal", *(operators or [caller.type])], roles)


def _operators(caller: Caller) -> list[Mapping[str, Any]]:
    """Nobody has checked the file yet: what is no operator is refused by the preview."""
    given = caller.place.config.get("operators")
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _data(caller: Caller) -> list[Need]:
    """Owner gives no data action. An operator that the file names gets them by the `up` itself, before anything uses
    them; without operators the first deployer alone has got them."""
    place = caller.place
    if any(one.get("principalId") == caller.object_id for one in _operators(caller)):
        return []
    found = []
    vault = place.names.key_vault, "Microsoft.KeyVault/vaults", _VAULT_VERSION, wanted.IN_THE_VAULT
    for name, kind, version, actions in (
        (place.names.iot_hub, "Microsoft.Devices/IotHubs", _HUB_VERSION, wanted.AT_THE_HUB),
        (place.names.storage_account, "Microsoft.Storage/storageAccounts", _STORAGE_VERSION, wanted.IN_THE_BLOBS),
        *([vault] if vm_hosts(place.config) else ()),
    ):
        scope = place.resource(kind, name)
        if caller.is_there(scope, version):
            lacking = wanted.missing(caller.permissions(scope), actions, data=True)
            more = f"; {{principalId: {caller.object_id}, type: {caller.type}}} belongs under edgeway:operators"
            found.append(_need(f"data role at {name}", lacking, scope, "C4", more))
    return found


def _need(name: str, lacking: Sequence[str], scope: str, line: str, more: str = "") -> Need:
    if not lacking:
        return Need(name=name, ok=True, found="held")
    others = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    found = f"missing: {', '.join(lacking[:_SHOWN])}{others} at {scope}"
    return Need(name=name, ok=False, found=found, remedy=f'docs/azure.md, "Roles", {line}{more}', needed_by="up")
