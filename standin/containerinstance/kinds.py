"""The ARM side of a container group.

https://learn.microsoft.com/azure/templates/microsoft.containerinstance/2025-09-01/containergroups
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from standin.containerinstance.errors import InvalidGroup
from standin.containerinstance.instance_view import container_view
from standin.containerinstance.state import CONTAINER_GROUPS, ContainerGroups
from standin.core.arm import ActionHandler, Resource, ResourceKind
from standin.core.arm.lists import flag
from standin.core.http import Request, Response, empty, json_response
from standin.core.numbers import whole_number
from standin.core.obeys import Obeys, obeys

_ALWAYS_TOLD: Mapping[str, Any] = {
    "sku": "Standard",
    "provisioningTimeoutInSeconds": 1800,
    "isCustomProvisioningTimeout": False,
    "initContainers": [],
}


class ContainerGroupKind(ResourceKind):
    type = CONTAINER_GROUPS
    system_data = False
    answers_deleted = True
    write_only = (
        "properties.containers[*].properties.environmentVariables[*].secureValue",
        "properties.imageRegistryCredentials[*].password",
        "properties.diagnostics.logAnalytics.workspaceKey",
    )

    keeps = (
        "identity",
        "zones",
        *(
            f"properties.{name}"
            for name in (
                "containers", "diagnostics", "imageRegistryCredentials", "ipAddress", "osType", "restartPolicy", "sku",
                "volumes",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.priority": ("Regular",),
        "properties.isCustomProvisioningTimeout": (False,),
        "properties.provisioningTimeoutInSeconds": (1800,),
        "properties.containers[*].properties.environmentVariables[*].secureValueReference": (),
        "properties.imageRegistryCredentials[*].passwordReference": (),
        "properties.imageRegistryCredentials[*].identityUrl": (),
    }
    options: ClassVar[Mapping[str, Obeys]] = {"containers/{container}/logs": obeys(query="tail timestamps")}

    def __init__(self, groups: ContainerGroups) -> None:
        self._groups = groups
        self.actions: Mapping[str, ActionHandler] = {
            "start": self._start,
            "restart": self._start,
            "stop": self._stop,
            "GET containers/{container}/logs": self._logs,
        }

    async def check(self, new: Resource, old: Resource | None) -> None:
        await self._groups.check(new, old)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        """Azure says Succeeded once the containers have started; readiness is seen in the events only. So here."""
        await self._groups.roll_out(resource, old)

    async def remove(self, resource: Resource) -> None:
        await self._groups.remove(resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        properties = {**_ALWAYS_TOLD, **resource.properties}
        if properties.get("volumes"):
            properties["volumes"] = [_without_secrets(volume) for volume in properties["volumes"]]
        restarts = self._groups.restarts(resource)
        properties["containers"] = [
            {
                **container,
                "properties": {
                    "environmentVariables": [],
                    "ports": [],
                    **container["properties"],
                    "instanceView": container_view(
                        self._groups.live(resource, container["name"]), restarts.get(container["name"], 0)
                    ),
                },
            }
            for container in properties["containers"]
        ]
        properties["instanceView"] = {"events": [], "state": self._groups.state_of(resource)}
        return {**resource.body, "properties": properties}

    async def _start(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        await self._groups.start(resource)
        return empty(204)

    async def _stop(self, resource: Resource, request: Request, _: Mapping[str, str]) -> Response:
        await self._groups.stop(resource)
        return empty(204)

    async def _logs(self, resource: Resource, request: Request, parameters: Mapping[str, str]) -> Response:
        content = await self._groups.logs(
            resource,
            parameters["container"],
            tail=_tail(request.query.get("tail")),
            timestamps=flag(request.query, "timestamps"),
        )
        return json_response({"content": content})


def _without_secrets(volume: Mapping[str, Any]) -> dict[str, Any]:
    return {**volume, "secret": {}} if volume.get("secret") is not None else dict(volume)


def _tail(text: str | None) -> int | None:
    if text is None:
        return None
    lines = whole_number(text)
    if lines is None:
        raise InvalidGroup(f"tail '{text}' is not a number of lines.")
    return lines
