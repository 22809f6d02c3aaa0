"""What this stand-in keeps alive: ARM resources, things in Docker, and what its parts name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.containers.docker_host import DockerHost
from standin.core.arm.groups import GROUP_TYPE
from standin.core.arm.http.service import ArmService
from standin.core.arm.manager import Arm
from standin.core.part import Inventory


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
            "docker": await self._docker.inventory(),
            **{name: await inventory() for name, inventory in self._of_parts.items()},
        }
