"""https://learn.microsoft.com/rest/api/application-insights/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.identity import new_principal
from standin.core.errors import BadRequest
from standin.insights.smart_detection import make_smart_detection

_NULL_UNLESS_GIVEN = ("Flow_Type", "Request_Source", "SamplingPercentage")


class ApplicationInsights(ResourceKind):
    type = "Microsoft.Insights/components"
    operation = "none"
    delete_operation = "none"
    created_status = 200
    system_data = False
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {
            "RetentionInDays": 90,
            "publicNetworkAccessForIngestion": "Enabled",
            "publicNetworkAccessForQuery": "Enabled",
        }
    }
    create_only = ("properties.Application_Type",)
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"properties.IngestionMode": ("LogAnalytics",)}

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not new.body.get("kind"):
            raise BadRequest("The property 'kind' is required and was not given.", code="InvalidRequestContent")
        workspace = new.properties.get("WorkspaceResourceId")
        if workspace and self._arm.get(workspace) is None:
            raise BadRequest(
                f"The workspace '{workspace}' given in WorkspaceResourceId could not be found.",
                code="WorkspaceNotFound",
            )

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        if old is None:
            make_smart_detection(self._arm, resource)
        key = new_principal(f"{resource.key}|{resource.created_at}")
        application = new_principal(f"{resource.key}|{resource.created_at}|application")
        ingestion = f"https://{resource.location}-1.in.applicationinsights.azure.com/"
        resource.properties.update(
            ApplicationId=resource.name,
            AppId=application,
            InstrumentationKey=key,
            ConnectionString=f"InstrumentationKey={key};IngestionEndpoint={ingestion};ApplicationId={application}",
            Name=resource.name,
            CreationDate=resource.created_at,
            TenantId=resource.parts.subscription,
            IngestionMode="LogAnalytics",
            Ver="v2",
        )

    def etag(self, resource: Resource) -> str:
        return f'"{resource.generation:08x}-0000"'

    def view(self, resource: Resource) -> dict[str, Any]:
        """Spelt as this service spells its own names."""
        return {
            **resource.body,
            "id": resource.id.replace("/Microsoft.Insights/", "/microsoft.insights/"),
            "type": "microsoft.insights/components",
            "etag": self.etag(resource),
            "properties": {**dict.fromkeys(_NULL_UNLESS_GIVEN), **resource.properties},
        }
