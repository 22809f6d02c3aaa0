"""Whether the names of a stack are free, or its own already: some are global in Azure, and some are held for a while by
what was deleted.

https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/check-name-availability and its siblings
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from cli.needs.need import Need
from cli.needs.subscription import Place, side_by_side, unanswered
from cloud.errors import ServiceError
from cloud.purge import API_VERSIONS, deleted_vault

_SOFT_DELETED = re.compile(r"soft[- ]?delete", re.IGNORECASE)
_RIGHT = "ask for Reader and checkNameAvailability at the subscription; `up` finds out otherwise"


@dataclass(frozen=True, kw_only=True)
class _Global:
    type: str
    name: str
    version: str

    @property
    def namespace(self) -> str:
        return self.type.partition("/")[0]


def names(place: Place) -> list[Need]:
    """Asked side by side, as an `up` that makes the hub's name its last waits minutes for what is told here at once."""
    checked = (
        _Global(type="Microsoft.Devices/IotHubs", name=place.names.iot_hub, version="2023-06-30"),
        _Global(type="Microsoft.Storage/storageAccounts", name=place.names.storage_account, version="2023-05-01"),
        _Global(type="Microsoft.KeyVault/vaults", name=place.names.key_vault, version=API_VERSIONS["vault"]),
        _Global(
            type="Microsoft.ContainerRegistry/registries", name=place.names.container_registry, version="2023-07-01"
        ),
    )
    asks = [*(partial(_free_or_ours, place, one) for one in checked)]
    return list(side_by_side([*asks, partial(_vault, place), partial(_workspace, place)]))


def _free_or_ours(place: Place, one: _Global) -> Need:
    name = f"name {one.name}"
    try:
        path = f"{place.scope}/providers/{one.namespace}/checkNameAvailability"
        answer = place.post(path, one.version, {"name": one.name, "type": one.type})
        if answer.get("nameAvailable"):
            return Need(name=name, ok=True, found="free")
        if place.exists(place.resource(one.type, one.name), one.version):
            return Need(name=name, ok=True, found="this stack's")
    except ServiceError as error:
        return unanswered(name, error, _RIGHT)
    return Need(
        name=name,
        ok=False,
        found=f"taken: {answer.get('message') or answer.get('reason')}",
        remedy="after a destroy Azure frees names late: again in some minutes. Else another edgeway:environment",
        needed_by="up",
    )


def _vault(place: Place) -> Need:
    """Asked for by its name: who may not see the list gets an empty one, and no refusal (azure-cli #14091)."""
    name, vault = "deleted vault", place.names.key_vault
    try:
        there = place.exists(deleted_vault_of(place), API_VERSIONS["vault"])
    except ServiceError as error:
        return unanswered(name, error, "ask for deletedVaults/read at the subscription")
    found = f"{vault} is soft-deleted and holds its name" if there else f"no {vault}"
    return Need(name=name, ok=not there, found=found, remedy=f"az keyvault purge -n {vault}", needed_by="up")


def _workspace(place: Place) -> Need:
    name, workspace = "deleted workspace", place.names.workspace
    try:
        there = workspace_is_soft_deleted(place)
    except ServiceError as error:
        return unanswered(name, error, "ask for Reader at the resource group")
    found = f"{workspace} is soft-deleted" if there else f"no soft-deleted {workspace} that Azure tells of"
    remedy = "delete it for good in the portal (Azure Machine Learning, Recently deleted)"
    return Need(name=name, ok=not there, found=found, remedy=remedy, needed_by="up")


def deleted_vault_of(place: Place) -> str:
    return deleted_vault(place.resource("Microsoft.KeyVault/vaults", place.names.key_vault), place.location)


def workspace_is_soft_deleted(place: Place) -> bool:
    """Azure has no list of soft-deleted ones: one says so when it is asked for."""
    try:
        place.exists(place.names.workspace_id(place.id), API_VERSIONS["workspace"])
    except ServiceError as error:
        if _SOFT_DELETED.search(f"{error.code} {error.message}"):
            return True
        raise
    return False
