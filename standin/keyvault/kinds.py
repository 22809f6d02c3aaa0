"""The vault and its secrets as ARM resources. https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.errors import BadRequest, ServiceError
from standin.core.obeys import Obeys, obeys
from standin.keyvault.errors import (
    BadParameter,
    Immutable,
    InvalidVaultName,
    NoDeletedVault,
    SecretInDeletedState,
    VaultAlreadyExists,
    VaultInDeletedState,
)
from standin.keyvault.secret_versions import remember

_NAME = re.compile(r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]")
_SECRET_NAME = re.compile(r"[A-Za-z0-9-]{1,127}")
_DAYS = range(7, 91)


class Vault(ResourceKind):
    type = "Microsoft.KeyVault/vaults"
    soft_delete = True
    operation = "none"
    delete_operation = "none"
    created_status = 200
    create_only = ("properties.softDeleteRetentionInDays",)
    write_only = ("properties.createMode",)
    keeps = tuple(
        f"properties.{name}"
        for name in (
            "accessPolicies", "createMode", "enabledForDeployment", "enabledForDiskEncryption",
            "enabledForTemplateDeployment", "enablePurgeProtection", "sku", "softDeleteRetentionInDays", "tenantId",
        )
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.enableSoftDelete": (True,),
        "properties.enableRbacAuthorization": (True,),
        "properties.publicNetworkAccess": ("Enabled", "enabled"),
        "properties.networkAcls.defaultAction": ("Allow",),
        "properties.networkAcls.bypass": ("AzureServices", "None"),
        "properties.networkAcls.ipRules": (),
        "properties.networkAcls.virtualNetworkRules": (),
    }
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$top $skiptoken")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": 90,
            "enableRbacAuthorization": True,
            "enabledForDeployment": False,
            "publicNetworkAccess": "Enabled",
        }
    }

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidVaultName(new.name)
        properties = new.properties
        for name in ("tenantId", "sku"):
            if not properties.get(name):
                raise BadRequest(f"The parameter '{name}' is required and was not given.", code="BadRequest")
        if properties["softDeleteRetentionInDays"] not in _DAYS:
            raise BadRequest(
                f"softDeleteRetentionInDays must be between 7 and 90, got {properties['softDeleteRetentionInDays']!r}."
            )
        if old is not None and old.properties.get("enablePurgeProtection"):
            if properties.get("enablePurgeProtection") is False:
                raise BadRequest('The property "enablePurgeProtection" cannot be set to false.')
            properties["enablePurgeProtection"] = True
        if properties.get("enablePurgeProtection") is False:
            raise BadRequest('The property "enablePurgeProtection" cannot be set to false.')
        if any(vault.name.lower() == new.name.lower() and vault.key != new.key for vault in self._arm.list(self.type)):
            raise VaultAlreadyExists(new.name)
        recovering = properties.get("createMode") == "recover"
        if old is None and recovering and self._arm.deleted_like(self, new) is None:
            raise NoDeletedVault(new.name)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties["vaultUri"] = f"https://{resource.name.lower()}.vault.azure.net/"

    def deleted_key(self, resource: Resource) -> str:
        return resource.name

    def retention_days(self, resource: Resource) -> int:
        return int(resource.properties["softDeleteRetentionInDays"])

    def meet_deleted(self, new: Resource, deleted: Resource) -> Resource:
        if new.properties.get("createMode") != "recover" or new.key != deleted.key:
            raise VaultInDeletedState
        new.private = {key: value for key, value in deleted.private.items() if key != "deletedAt"}
        return new

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return Immutable(path.rsplit(".", 1)[-1])


class Secret(ResourceKind):
    """Written through ARM, deleted through the vault's own host (`handlers.py`): ARM has no delete for it."""

    type = "Microsoft.KeyVault/vaults/secrets"
    tracked = False
    provisioning_state = False
    soft_delete = True
    deletable = False
    operation = "none"
    delete_operation = "none"
    created_status = 200
    write_only = ("properties.value",)
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$top $skiptoken")}

    async def check(self, new: Resource, old: Resource | None) -> None:
        check_secret_name(new.name)
        if old is None and not isinstance(new.properties.get("value"), str):
            raise BadRequest("The property 'value' is required and must be a string.", code="BadParameter")
        new.properties.setdefault("value", old.properties.get("value") if old else None)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        value = resource.properties["value"]
        changed = old is None or old.properties.get("value") != value
        if changed or "version" not in resource.private:
            resource.private["version"] = uuid.uuid4().hex
        remember(resource)

    def meet_deleted(self, new: Resource, deleted: Resource) -> Resource:
        raise SecretInDeletedState(new.name)


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def check_secret_name(name: str) -> None:
    if not _SECRET_NAME.fullmatch(name):
        raise BadParameter(f"The secret name '{name}' is not valid: 1 to 127 letters, digits and '-'.")
