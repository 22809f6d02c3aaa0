"""A resource group of first-contact's own: made by the first step that needs one, purged in every case.

Its names are the program's own, for an environment `first` of a stack that only this run knows, so that nothing of a
stack's is touched: `rg-edgeway-first-<6 hex>`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cli.azure import words
from cli.first_contact.finding import NotAsked
from cli.first_contact.planned import Deployer, Plan, Planned, PlannedResource
from cloud.arm import Answer, Arm
from cloud.errors import ServiceError, is_missing
from cloud.operation import Waiting
from cloud.purge import StillThere, purge, purge_deleted_vault
from cloud.wording import one_line

ENVIRONMENT = "first"
LIFETIME = timedelta(hours=2)
"""What the tag `expires` says: for whoever finds a group that a machine left when its power went."""
_GROUPS = "2024-03-01"
_OF_THE_STACK = ("edgeway:existing", "edgeway:operators")
_NO_BASE = f"python@sha256:{'0' * 64}"
"""Of a stack `local` that names none: nothing that is made here is built on it."""
_GROUP_MINUTES = 60.0
# Purged first, in this order: a workspace stands on the vault, and deleting the group only soft-deletes them.
_PURGED = {
    "microsoft.machinelearningservices/workspaces": "workspace",
    "microsoft.operationalinsights/workspaces": "logAnalytics",
    "microsoft.keyvault/vaults": "vault",
}


class Scratch:
    def __init__(
        self, arm: Arm, deployer: Deployer, config: Mapping[str, Any], plan: Plan, tell: Callable[[str], None]
    ) -> None:
        self.arm = arm
        self._deployer = deployer
        self._config = config
        self._plan = plan
        self._tell = tell
        self._made = False
        self._put: set[str] = set()
        """Ids of what was asked for, whether or not an answer came."""
        self.stack = f"{ENVIRONMENT}{secrets.token_hex(4)}"

    @cached_property
    def planned(self) -> Planned:
        """The stack's own plan under scratch names, with a free hub, and whoever asks as the only operator."""
        hub = {"sku": "F1", "units": 1, "partitions": 2, "retentionDays": 1}
        given = {key: value for key, value in self._config.items() if key not in _OF_THE_STACK}
        config = {"edgeway:baseImage": _NO_BASE, **given, "edgeway:environment": ENVIRONMENT, "edgeway:iotHub": hub}
        return self._plan(self.stack, {**config, "edgeway:protect": False}, self._deployer)

    @property
    def group(self) -> PlannedResource:
        return self.planned.one("resources:ResourceGroup")

    @property
    def location(self) -> str:
        return str(self.group.body["location"])

    def ensure(self) -> None:
        """Makes the group, once."""
        if self._made:
            return
        expires = (datetime.now(UTC) + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
        tags = {**self.group.body.get("tags", {}), "edgeway": "first-contact", "expires": expires}
        self._made = True  # before the call: an answer may be lost on its way
        self._tell(f"making the group {self.group.azure_name}, which is deleted at the end (tag expires={expires})")
        try:
            self.arm.request("PUT", self.group.id, _GROUPS, body={**self.group.body, "tags": tags})
        except ServiceError as error:
            if error.status != 403:
                raise
            self._made = False
            raise NotAsked(
                f"a group of its own needs the right to make one in the subscription: {words(error)}"
            ) from error

    def put(self, resource: PlannedResource, body: Mapping[str, Any] | None = None) -> Answer:
        """Makes what is planned, or the same with another body, and waits for its end: the resource as it then is."""
        self.ensure()
        self._put.add(resource.id)
        sent = dict(resource.body if body is None else body)
        answer = self.arm.request("PUT", resource.id, resource.api_version, body=sent)
        self.arm.follow(answer, f"PUT of {resource.azure_name}")
        return self.arm.get(resource.id, resource.api_version)

    def delete(self, resource_id: str, api_version: str) -> None:
        answer = self.arm.request("DELETE", resource_id, api_version)
        self.arm.follow(answer, f"DELETE of {resource_id.rpartition('/')[2]}")

    def purge(self) -> list[str]:
        """Each of it is tried, whatever came of the one before. What is left, one line each; empty when nothing is."""
        if not self._made:
            return []
        left: list[str] = []
        self._tell(f"deleting {self.group.azure_name} and all that is in it, for good")
        for what, action in [*self._purges(left), ("the group", self._delete_group)]:
            try:
                action()
            except Exception as error:
                left.append(f"{what}: {words(error) if isinstance(error, ServiceError) else _one_line(error)}")
        self._made = bool(left)
        by_hand = f"`az group delete -n {self.group.azure_name}` deletes the group by hand"
        return [*left, by_hand] if left else []

    def _purges(self, left: list[str]) -> list[tuple[str, Callable[[], None]]]:
        try:
            found = self._listed()
        except Exception as error:
            if not (isinstance(error, ServiceError) and is_missing(error)):
                told = words(error) if isinstance(error, ServiceError) else _one_line(error)
                left.append(f"what lies in the group is not known: {told}")
            found = []
        return [*found, *((one.azure_name, self._deleted_vault_of(one.id)) for one in self._vaults())]

    def _listed(self) -> list[tuple[str, Callable[[], None]]]:
        listed = self.arm.get(f"{self.group.id}/resources", "2021-04-01").body["value"] or ()
        return [
            (str(one["name"]), self._purge_of(kind, str(one["id"])))
            for type_name, kind in _PURGED.items()
            for one in listed
            if str(one.get("type", "")).lower() == type_name
        ]

    def _vaults(self) -> list[PlannedResource]:
        return [one for one in self.planned.all("keyvault:Vault") if one.id in self._put]

    def _purge_of(self, kind: str, resource_id: str) -> Callable[[], None]:
        return lambda: purge(Waiting(), self.arm, kind, resource_id, self.location)

    def _deleted_vault_of(self, resource_id: str) -> Callable[[], None]:
        """A step that died between a vault's delete and its purge leaves nothing that the group would list."""
        return lambda: purge_deleted_vault(Waiting(), self.arm, resource_id, self.location)

    def _delete_group(self) -> None:
        """Within a time: nobody hears a Ctrl-C meanwhile."""
        try:
            answer = self.arm.request("DELETE", self.group.id, _GROUPS)
            self.arm.within(_Until(_GROUP_MINUTES)).follow(answer, f"DELETE of {self.group.azure_name}")
        except ServiceError as error:
            if not is_missing(error):
                raise


class _Until(Waiting):
    """Waits for so long in all."""

    def __init__(self, minutes: float) -> None:
        self._minutes = minutes
        self._end = time.monotonic() + minutes * 60

    def wait(self, seconds: float) -> None:
        if time.monotonic() >= self._end:
            raise StillThere(f"it is still being deleted after {self._minutes:.0f} minutes")
        super().wait(seconds)


def _one_line(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}" if not isinstance(error, StillThere) else str(error), 400)
