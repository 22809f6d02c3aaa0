"""Azure Container Instances: groups of real containers, each group with a loopback address of its own."""

from __future__ import annotations

from standin.containerinstance.kinds import ContainerGroupKind
from standin.containerinstance.names import DOMAIN
from standin.containerinstance.routes import ContainerInstanceService
from standin.containerinstance.state import CONTAINER_GROUPS, Groups
from standin.containerinstance.watch import Watch
from standin.core.arm import ResourceKind
from standin.core.http import Service
from standin.core.world import World

__all__ = ["CONTAINER_GROUPS", "build", "kinds"]

_of_instance: dict[str, tuple[World, Groups, Watch]] = {}


def _parts(world: World) -> tuple[Groups, Watch]:
    known = _of_instance.get(world.instance)
    if known is None or known[0] is not world:
        groups = Groups(world)
        known = _of_instance[world.instance] = (world, groups, Watch(groups))
    return known[1], known[2]


def kinds(world: World) -> list[ResourceKind]:
    groups, watch = _parts(world)
    world.tunnels[DOMAIN] = groups.resolve
    return [ContainerGroupKind(groups, watch)]


def build(world: World) -> Service:
    return ContainerInstanceService(_parts(world)[1])
