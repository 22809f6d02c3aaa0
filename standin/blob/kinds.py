"""The storage account as an ARM resource. https://learn.microsoft.com/rest/api/storagerp/storage-accounts"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.blob.accounts import ACCOUNTS, keys_of
from standin.blob.state import Blobs
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.errors import InvalidQueryParameter
from standin.core.errors import BadRequest, Conflict, ServiceError
from standin.core.http import Request, Response, json_response
from standin.core.obeys import Obeys, obeys

_NAME = re.compile(r"[a-z0-9]{3,24}")
_SERVICES = ("blob", "dfs", "file", "queue", "table", "web")


class StorageAccount(ResourceKind):
    type = ACCOUNTS
    operation = "location"
    update_operation = "none"
    system_data = False
    delete_operation = "none"
    created_status = 200
    create_only = ("properties.isHnsEnabled",)
    keeps = (
        "sku",
        "kind",
        "identity",
        *(
            f"properties.{name}"
            for name in (
                "accessTier", "allowBlobPublicAccess", "allowCrossTenantReplication", "allowSharedKeyAccess",
                "defaultToOAuthAuthentication", "isHnsEnabled", "keyPolicy", "largeFileSharesState",
                "minimumTlsVersion", "sasPolicy", "supportsHttpsTrafficOnly",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.publicNetworkAccess": ("Enabled",),
        "properties.networkAcls.defaultAction": ("Allow",),
        "properties.encryption.keySource": ("Microsoft.Storage",),
        "properties.encryption.keyvaultproperties": (),
        "properties.encryption.identity": (),
        "properties.encryption.requireInfrastructureEncryption": (False,),
        "properties.dnsEndpointType": ("Standard",),
        "properties.isSftpEnabled": (False,),
        "properties.isNfsV3Enabled": (False,),
        "properties.isLocalUserEnabled": (False,),
        "properties.routingPreference.routingChoice": ("MicrosoftRouting",),
        "properties.routingPreference.publishMicrosoftEndpoints": (False,),
        "properties.routingPreference.publishInternetEndpoints": (False,),
    }
    # an SDK asks for the keys of Kerberos too, of which there are none without Active Directory
    options: ClassVar[Mapping[str, Obeys]] = {"listKeys": obeys(query="$expand")}
    defaults: ClassVar[Mapping[str, object]] = {
        "properties": {
            "supportsHttpsTrafficOnly": True,
            "accessTier": "Hot",
            "minimumTlsVersion": "TLS1_2",
            "allowBlobPublicAccess": False,
            "allowCrossTenantReplication": False,
            "networkAcls": {
                "bypass": "AzureServices",
                "virtualNetworkRules": [],
                "ipRules": [],
                "ipv6Rules": [],
                "defaultAction": "Allow",
            },
            "privateEndpointConnections": [],
            "encryption": {"keySource": "Microsoft.Storage"},
        }
    }

    def __init__(self, arm: Arm, blobs: Blobs) -> None:
        self._arm = arm
        self._blobs = blobs
        self.actions = {"listKeys": self._list_keys}

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise BadRequest(
                f"{new.name} is not a valid storage account name. Storage account name must be between 3 and 24 "
                "characters in length and use numbers and lower-case letters only.",
                code="AccountNameInvalid",
            )
        if not isinstance((new.body.get("sku") or {}).get("name"), str) or not isinstance(new.body.get("kind"), str):
            raise BadRequest("The properties 'sku.name' and 'kind' are required.", code="InvalidRequestContent")
        if old is not None and new.properties.get("isHnsEnabled") and not old.properties.get("isHnsEnabled"):
            raise self.refuse_change("properties.isHnsEnabled", False, True, new)
        accounts = self._arm.list(self.type)
        if any(account.name.lower() == new.name.lower() and account.key != new.key for account in accounts):
            raise Conflict(f"The storage account named {new.name} is already taken.", code="StorageAccountAlreadyTaken")

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.private.setdefault("keys", [_new_key(), _new_key()])
        resource.body["sku"]["tier"] = resource.body["sku"]["name"].split("_")[0]
        resource.properties.update(
            creationTime=resource.created_at,
            primaryLocation=resource.location,
            statusOfPrimary="available",
            keyCreationTime={"key1": resource.created_at, "key2": resource.created_at},
            primaryEndpoints={name: _endpoint(resource.name, name) for name in _SERVICES},
        )
        for name in ("file", "blob"):
            services = resource.properties["encryption"].setdefault("services", {})
            enabled = {"keyType": "Account", "enabled": True, "lastEnabledTime": resource.created_at}
            services[name] = {**enabled, **services.get(name, {})}

    async def remove(self, resource: Resource) -> None:
        self._blobs.delete_account(resource.name)

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        name = path.rsplit(".", 1)[-1]
        return Conflict(
            f"The property '{name}' was specified in the input, but it cannot be updated.",
            code="PropertyImmutable" if name != "isHnsEnabled" else "StorageAccountPropertyCannotBeUpdated",
        )

    async def _list_keys(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        if (more := request.query.get("$expand", "kerb")) != "kerb":
            raise InvalidQueryParameter("$expand", more, "kerb")
        keys = [
            {"keyName": f"key{number}", "value": value, "permissions": "FULL", "creationTime": resource.created_at}
            for number, value in enumerate(keys_of(resource), start=1)
        ]
        return json_response({"keys": keys})


def _endpoint(account: str, service: str) -> str:
    """Of websites it names a DNS zone, too."""
    zone = "z6.web" if service == "web" else service
    return f"https://{account}.{zone}.core.windows.net/"


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()
