"""Types that only remember, with the computed values that clients read back.

https://learn.microsoft.com/rest/api/managedidentity/ · /loganalytics/ · /application-insights/
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from standin.core.arm.identity import new_principal
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import TENANT_ID
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response

if TYPE_CHECKING:
    from standin.core.world import World

_WORKSPACE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]")


class UserAssignedIdentity(ResourceKind):
    type = "Microsoft.ManagedIdentity/userAssignedIdentities"
    provisioning_state = False
    operation = "none"
    delete_operation = "none"

    async def apply(self, world: World, resource: Resource, old: Resource | None) -> None:
        seed = f"{resource.key}|{resource.created_at}"
        resource.body["properties"] = {
            "principalId": new_principal(seed),
            "clientId": new_principal(seed + "|client"),
            "tenantId": TENANT_ID,
        }


class LogAnalyticsWorkspace(ResourceKind):
    """Deleting is soft for 14 days, and creating it again in the same place recovers it."""

    type = "Microsoft.OperationalInsights/workspaces"
    soft_delete = True
    delete_operation = "location"
    defaults: ClassVar[Mapping[str, object]] = {
        "properties": {
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        }
    }

    async def check(self, world: World, new: Resource, old: Resource | None) -> None:
        if not _WORKSPACE_NAME.fullmatch(new.name):
            raise BadRequest(
                f"The workspace name '{new.name}' is not valid: 4 to 63 letters, digits and '-', which is not first or "
                "last.",
                code="InvalidResourceName",
            )

    async def apply(self, world: World, resource: Resource, old: Resource | None) -> None:
        resource.private.setdefault("customerId", new_principal(f"{resource.key}|{resource.created_at}"))
        resource.private.setdefault("keys", [_random_key(), _random_key()])
        resource.properties["customerId"] = resource.private["customerId"]
        resource.properties["createdDate"] = resource.created_at
        resource.properties["modifiedDate"] = resource.changed_at

    def purges(self, query: Mapping[str, str]) -> bool:
        return query.get("force", "").lower() == "true"

    def meet_deleted(self, world: World, new: Resource, deleted: Resource) -> Resource:
        """The recovered one is the old one: same id and keys, its data still there."""
        new.private = {key: value for key, value in deleted.private.items() if key != "deletedAt"}
        return new

    async def _shared_keys(self, world: World, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        first, second = resource.private["keys"]
        return json_response({"primarySharedKey": first, "secondarySharedKey": second})

    def __init__(self) -> None:
        self.actions = {"sharedKeys": self._shared_keys}


class ApplicationInsights(ResourceKind):
    type = "Microsoft.Insights/components"
    operation = "none"
    delete_operation = "none"
    created_status = 200
    create_only = ("properties.Application_Type",)

    async def check(self, world: World, new: Resource, old: Resource | None) -> None:
        if not new.body.get("kind"):
            raise BadRequest("The property 'kind' is required and was not given.", code="InvalidRequestContent")
        workspace = new.properties.get("WorkspaceResourceId")
        if workspace and world.arm.get(workspace) is None:
            raise BadRequest(
                f"The workspace '{workspace}' given in WorkspaceResourceId could not be found.",
                code="WorkspaceNotFound",
            )

    async def apply(self, world: World, resource: Resource, old: Resource | None) -> None:
        key = new_principal(f"{resource.key}|{resource.created_at}")
        application = new_principal(f"{resource.key}|{resource.created_at}|application")
        place = f"https://{resource.location}-1.in.applicationinsights.azure.com/"
        resource.properties.update(
            ApplicationId=resource.name,
            AppId=application,
            InstrumentationKey=key,
            ConnectionString=f"InstrumentationKey={key};IngestionEndpoint={place};ApplicationId={application}",
            Name=resource.name,
            CreationDate=resource.created_at,
            TenantId=resource.parts.subscription,
        )


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()


def kinds() -> list[ResourceKind]:
    return [UserAssignedIdentity(), LogAnalyticsWorkspace(), ApplicationInsights()]
