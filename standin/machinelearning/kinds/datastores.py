"""Datastores: where azure-ai-ml uploads. https://learn.microsoft.com/rest/api/azureml/datastores"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from standin.blob import Accounts, keys_of
from standin.core.arm import Resource, ResourceKind
from standin.core.arm.lists import flag
from standin.core.clock import iso
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import CODES, NoSecrets
from standin.machinelearning.kinds.ordering import ordered

_DEFAULT = "workspaceblobstore"
_ARTIFACTS = "workspaceartifactstore"


class Datastore(ResourceKind):
    type = "Microsoft.MachineLearningServices/workspaces/datastores"
    tracked = False
    provisioning_state = False
    operation = "none"
    delete_operation = "none"
    write_only = ("properties.credentials.secrets",)
    keeps = tuple(
        f"properties.{name}"
        for name in (
            "accountName", "containerName", "credentials", "datastoreType", "description", "endpoint", "isDefault",
            "properties", "protocol", "resourceGroup", "serviceDataAccessAuthIdentity", "subscriptionId", "tags",
        )
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"properties.credentials.credentialsType": ("AccountKey", "None")}
    unobeyed = CODES
    page, next_page = "count", "skip"
    options: ClassVar[Mapping[str, Obeys]] = {
        "LIST": obeys(query="count skip isDefault names searchText orderBy orderByAsc"),
        "PUT": obeys(query="skipValidation"),
    }

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.actions = {"listSecrets": self._list_secrets}

    async def check(self, new: Resource, old: Resource | None) -> None:
        kind = new.properties.get("datastoreType")
        if kind != "AzureBlob":
            raise BadRequest(f"datastoreType is {kind!r}; this stand-in has 'AzureBlob' only.", code="ValidationError")

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        names = [name.strip() for name in query.get("names", "").split(",") if name.strip()]
        text = query.get("searchText", "").lower()
        found = [one for one in resources if (not names or one.name in names) and text in one.name.lower()]
        way = "asc" if flag(query, "orderByAsc") else "desc"
        if (order := query.get("orderBy")) is not None:
            found = list(ordered(found, f"{order} {way}"))
        if "isDefault" not in query:
            return found
        wanted = flag(query, "isDefault")
        return [resource for resource in found if bool(resource.properties.get("isDefault")) is wanted]

    async def _list_secrets(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        if resource.properties["credentials"]["credentialsType"] != "AccountKey":
            raise NoSecrets(resource.name)
        name = resource.properties["accountName"]
        account = self._accounts.named(name)
        if account is None:
            raise BadRequest(f"The storage account '{name}' of datastore '{resource.name}' is gone.", code="UserError")
        return json_response({"secretsType": "AccountKey", "key": keys_of(account)[0]})


def system_datastores(workspace: Resource, now: datetime) -> list[Resource]:
    """Account keys, or nothing where the workspace's datastores work by identity."""
    by_identity = str(workspace.properties.get("systemDatastoresAuthMode", "")).lower() == "identity"
    account = workspace.properties["storageAccount"].rsplit("/", 1)[-1]
    containers = {_DEFAULT: f"azureml-blobstore-{workspace.private['workspaceId']}", _ARTIFACTS: "azureml"}
    return [
        Resource(
            id=f"{workspace.id}/datastores/{name}",
            type=Datastore.type,
            name=name,
            body={"properties": _properties(name, account, container, by_identity)},
            created_at=iso(now),
            changed_at=iso(now),
            generation=1,
        )
        for name, container in containers.items()
    ]


def _properties(name: str, account: str, container: str, by_identity: bool) -> dict[str, Any]:
    return {
        "datastoreType": "AzureBlob",
        "accountName": account,
        "containerName": container,
        "endpoint": "core.windows.net",
        "protocol": "https",
        "isDefault": name == _DEFAULT,
        "serviceDataAccessAuthIdentity": "None",
        "credentials": {"credentialsType": "None" if by_identity else "AccountKey"},
        "tags": {},
        "properties": {},
    }
