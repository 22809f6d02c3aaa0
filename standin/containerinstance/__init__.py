"""Azure Container Instances: groups of real containers, each group with a loopback address of its own."""

from __future__ import annotations

from standin.containerinstance.kinds import ContainerGroupKind
from standin.containerinstance.names import DOMAIN
from standin.containerinstance.service import ContainerInstanceService
from standin.containerinstance.state import CONTAINER_GROUPS, ContainerGroups
from standin.core.part import Part

__all__ = ["CONTAINER_GROUPS", "ContainerGroups", "part"]


def part(groups: ContainerGroups) -> Part:
    return Part(
        name="containerinstance",
        service=ContainerInstanceService(groups),
        kinds=(ContainerGroupKind(groups),),
        tunnels={DOMAIN: groups.resolve},
    )
