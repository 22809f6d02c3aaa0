"""How a client follows a long operation: the headers that send it there, and what it finds.

https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from standin.core.arm import ids
from standin.core.arm.kind_table import KindTable
from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.arm.manager import Arm
from standin.core.arm.operations import Operation, Operations
from standin.core.arm.rendering import render
from standin.core.errors import NotFound
from standin.core.http import Request, Response, empty, json_response

HOST = "management.azure.com"
_POLL_SECONDS = "1"


class Polling:
    def __init__(self, arm: Arm, kinds: KindTable, operations: Operations) -> None:
        self._arm = arm
        self._kinds = kinds
        self._operations = operations

    def headers(self, request: Request, parts: ids.ResourceId, operation: Operation, style: str) -> dict[str, str]:
        """`style` is the kind's: "async" or "location"."""
        resource = self._arm.get(operation.resource_id)
        location = (resource.location if resource else "") or "global"
        word = "operationStatuses" if style == "async" else "operationResults"
        url = (
            f"https://{HOST}/subscriptions/{parts.subscription}/providers/{parts.namespace}/locations/{location}"
            f"/{word}/{operation.id}?api-version={request.query['api-version']}"
        )
        header = "Azure-AsyncOperation" if style == "async" else "Location"
        return {header: url, "Retry-After": _POLL_SECONDS}

    def acted(self, request: Request, resource: Resource, answer: Response) -> Response:
        """What a long action answers: `answer`, or where its end is told."""
        kind = self._kinds.of(resource)
        told = json.loads(answer.body) if answer.body else None
        operation = self._operations.of_action(resource, told, always=kind.actions_have_status)
        if operation is None:
            return answer
        styles = ("location", "async") if kind.actions_have_status else ("location",)
        headers = [self.headers(request, resource.parts, operation, style) for style in styles]
        return empty(202, {name: value for one in headers for name, value in one.items()})

    def shown(self, kind: ResourceKind, resource: Resource) -> dict[str, Any]:
        """As a GET answers it: while a write runs its state says so."""
        rendered = render(kind, resource)
        if kind.provisioning_state and self._operations.poll_of(resource.id) is not None:
            running = "Creating" if resource.generation == 1 else "Updating"
            rendered["properties"] = {**rendered.get("properties", {}), "provisioningState": running}
        return rendered

    async def status(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = self._polled(parameters)
        body: dict[str, Any] = {
            "id": request.path,
            "name": operation.id,
            "status": operation.status,
            "startTime": operation.started_at,
        }
        if operation.status == "Failed":
            refusal = operation.refusal()
            body["error"] = {"code": refusal.code, "message": refusal.message}
        elif operation.status == "Succeeded" and operation.answer is not None:
            body["properties"] = {"output": operation.answer}
        return json_response(body, headers={"Retry-After": _POLL_SECONDS} if operation.status == "InProgress" else {})

    async def result(self, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = self._polled(parameters)
        if operation.status == "InProgress":
            url = f"https://{HOST}{request.path}?api-version={request.query['api-version']}"
            return empty(202, {"Location": url, "Retry-After": _POLL_SECONDS})
        if operation.status == "Failed":
            raise operation.refusal()
        if operation.answer is not None:
            return json_response(operation.answer)
        resource = self._arm.get(operation.resource_id) if operation.verb == "put" else None
        return json_response(render(self._kinds.of(resource), resource)) if resource else empty(200)

    def _polled(self, parameters: Mapping[str, str]) -> Operation:
        operation = self._operations.poll(parameters["operation"])
        if operation is None:
            raise NotFound(f"The operation '{parameters['operation']}' could not be found.", code="OperationNotFound")
        return operation
