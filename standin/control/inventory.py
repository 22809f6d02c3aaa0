"""What this stand-in keeps alive: ARM resources, things in Docker, and what its parts name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from standin.core.arm.groups import GROUP_TYPE
from standin.core.arm.http.service import ArmService
from standin.core.arm.manager import Arm
from standin.core.docker import LABEL, DockerAbsent, DockerHost
from standin.core.part import Inventory

if TYPE_CHECKING:
    from docker import DockerClient  # half a second, which a start without an engine need not pay


class Inventories:
    def __init__(
        self, arm: Arm, arm_service: ArmService, docker: DockerHost, of_parts: Mapping[str, Inventory]
    ) -> None:
        self._arm = arm
        self._arm_service = arm_service
        self._docker = docker
        self._of_parts = of_parts

    async def alive(self) -> dict[str, Any]:
        """Kind of thing -> names."""
        return {
            "groups": [group.id for group in self._arm.list(GROUP_TYPE)],
            "resources": [resource.id for resource in self._arm.list() if resource.type != GROUP_TYPE],
            "deleted": [resource.id for resource in self._arm_service.deleted()],
            "docker": await self._in_docker(),
            **{name: await inventory() for name, inventory in self._of_parts.items()},
        }

    async def _in_docker(self) -> list[str]:
        try:
            return await self._docker.run(lambda client: _labelled(client, self._docker.instance))
        except DockerAbsent:
            return []


def _labelled(client: DockerClient, instance: str) -> list[str]:
    filters: dict[str, str | list[str] | bool] = {"label": f"{LABEL}={instance}"}
    containers = [f"container {container.name}" for container in client.containers.list(all=True, filters=filters)]
    networks = [f"network {network.name}" for network in client.networks.list(filters=filters)]
    volumes = [f"volume {volume.name}" for volume in client.volumes.list(filters=filters)]
    return containers + networks + volumes
