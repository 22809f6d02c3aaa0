"""A job as a resource. https://learn.microsoft.com/rest/api/azureml/jobs"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from standin.core.arm import Resource, ResourceKind
from standin.core.errors import BadRequest, NotFound
from standin.core.http import Request, Response, Route, empty
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import CODES
from standin.machinelearning.jobs.description import FIXED
from standin.machinelearning.jobs.jobs import TYPE, Jobs

_VIEWS = ("activeonly", "archivedonly", "all")
_RESULTS = "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{location}"
_POLL_SECONDS = "1"


class Job(ResourceKind):
    type = TYPE
    tracked = False
    provisioning_state = False
    operation = "none"
    deletable = False
    unobeyed = CODES
    page, next_page = "$top", "$skip"
    keeps = tuple(
        f"properties.{name}"
        for name in (*FIXED, "description", "displayName", "experimentName", "isArchived", "properties", "tags")
    )
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {"properties.jobType": ("Command",)}
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip jobType listViewType tag")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {"experimentName": "Default", "isArchived": False, "tags": {}, "properties": {}}
    }

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.actions = {"cancel": self._cancel}

    async def check(self, new: Resource, old: Resource | None) -> None:
        self._jobs.check(new, old)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        self._jobs.submit(resource)

    async def remove(self, resource: Resource) -> None:
        await self._jobs.remove(resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        record = self._jobs.record(resource)
        told = {
            "displayName": resource.name,
            **resource.properties,
            "status": record.status,
            "services": _services(resource),
        }
        return {**resource.body, "properties": told}

    def select(self, resources: Sequence[Resource], query: Mapping[str, str]) -> Sequence[Resource]:
        """Newest first."""
        view = query.get("listViewType", "ActiveOnly").lower()
        if view not in _VIEWS:
            raise BadRequest(f"listViewType is {view!r}; allowed: {', '.join(_VIEWS)}.", code="UserError")
        kind, tag = query.get("jobType", "Command").lower(), query.get("tag")
        found = [
            one
            for one in resources
            if (view == "all" or bool(one.properties.get("isArchived")) is (view == "archivedonly"))
            and kind == "command"
            and (tag is None or tag in (one.properties.get("tags") or {}))
        ]
        return sorted(found, key=lambda one: one.created_at, reverse=True)

    # -- to cancel, and how that is followed

    def routes(self) -> Sequence[Route]:
        return (Route("GET", _RESULTS + "/mfeOperationResults/{operation}", self._canceled),)

    async def _cancel(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        self._jobs.cancel(resource)
        workspace = self._jobs.workspace(resource)
        place = _RESULTS.format(subscription=resource.parts.subscription, location=workspace.location)
        operation = f"jc:{workspace.private['workspaceId']}:{resource.name}"
        url = f"https://management.azure.com{place}/mfeOperationResults/{operation}"
        return empty(
            202, {"Location": f"{url}?api-version={request.query['api-version']}", "Retry-After": _POLL_SECONDS}
        )

    async def _canceled(self, request: Request, parameters: Mapping[str, str]) -> Response:
        verb, _, rest = parameters["operation"].partition(":")
        workspace, _, name = rest.partition(":")
        resource = self._jobs.find(workspace, name) if verb == "jc" else None
        if resource is None:
            raise NotFound(f"The operation '{parameters['operation']}' could not be found.", code="UserError")
        if self._jobs.record(resource).over:
            return empty(200)
        url = f"https://management.azure.com{request.path}?api-version={request.query['api-version']}"
        return empty(202, {"Location": url, "Retry-After": _POLL_SECONDS})


def _services(resource: Resource) -> dict[str, Any]:
    workspace = resource.parent_id
    studio = f"https://ml.azure.com/runs/{resource.name}?wsid={workspace}"
    return {
        "Tracking": {"jobServiceType": "Tracking", "endpoint": f"azureml://mlflow/v1.0{workspace}?"},
        "Studio": {"jobServiceType": "Studio", "endpoint": studio},
    }
