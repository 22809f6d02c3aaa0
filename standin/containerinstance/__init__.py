"""Azure Container Instances: groups of real containers, each group with a loopback address of its own."""

from __future__ import annotations

from standin.containerinstance.kinds import ContainerGroupKind
from standin.containerinstance.names import DOMAIN
from standin.containerinstance.service import ContainerInstanceService
from standin.containerinstance.state import CONTAINER_GROUPS, Groups
from standin.containerinstance.watch import Watch
from standin.core.part import Part

__all__ = ["CONTAINER_GROUPS", "Groups", "part"]


def part(groups: Groups) -> Part:
    watch = Watch(groups)
    return Part(
        name="containerinstance",
        service=ContainerInstanceService(watch),
        kinds=(ContainerGroupKind(groups, watch),),
        tunnels={DOMAIN: groups.resolve},
    )
