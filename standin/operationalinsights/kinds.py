"""https://learn.microsoft.com/rest/api/loganalytics/"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Resource, ResourceKind
from standin.core.arm.identity import new_principal
from standin.core.arm.lists import flag
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.core.obeys import Obeys, obeys

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]")


class LogAnalyticsWorkspace(ResourceKind):
    """Deleting is soft for 14 days, and creating it again in the same place recovers it."""

    type = "Microsoft.OperationalInsights/workspaces"
    soft_delete = True
    delete_operation = "location"
    system_data = False
    empty_tags = False
    options: ClassVar[Mapping[str, Obeys]] = {"DELETE": obeys(query="force")}
    defaults: ClassVar[Mapping[str, object]] = {
        "properties": {
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
            "features": {"legacy": 0, "searchVersion": 1, "enableLogAccessUsingOnlyResourcePermissions": True},
            "workspaceCapping": {"dailyQuotaGb": -1.0},
        }
    }

    def __init__(self) -> None:
        self.actions = {"sharedKeys": self._shared_keys}

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise BadRequest(
                f"The workspace name '{new.name}' is not valid: 4 to 63 letters, digits and '-', which is not first or "
                "last.",
                code="InvalidResourceName",
            )

        new.private.setdefault("customerId", new_principal(f"{new.key}|{new.created_at}"))

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.private.setdefault("keys", [_random_key(), _random_key()])

    def view(self, resource: Resource) -> dict[str, Any]:
        properties = {
            **resource.properties,
            "customerId": resource.private["customerId"],
            "createdDate": resource.created_at,
            "modifiedDate": resource.changed_at,
            "sku": {**resource.properties["sku"], "lastSkuUpdate": resource.created_at},
            "workspaceCapping": {
                "quotaNextResetTime": resource.created_at[:10] + "T00:00:00Z",
                "dataIngestionStatus": "RespectQuota",
                **resource.properties["workspaceCapping"],
            },
        }
        return {**resource.body, "properties": properties, "etag": self.etag(resource)}

    def etag(self, resource: Resource) -> str:
        return f'"{resource.generation:08x}-0000"'

    def purges(self, query: Mapping[str, str]) -> bool:
        return flag(query, "force")

    def meet_deleted(self, new: Resource, deleted: Resource) -> Resource:
        """The recovered one is the old one: same id and keys, its data still there."""
        new.private = {key: value for key, value in deleted.private.items() if key != "deletedAt"}
        return new

    async def _shared_keys(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        first, second = resource.private["keys"]
        return json_response({"primarySharedKey": first, "secondarySharedKey": second})


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()
