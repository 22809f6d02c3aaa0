"""Azure Container Instances: groups of real containers, each group with a loopback address of its own.

What runs them is `standin.containers.group`. Each of these lines stands on those below it:

    kinds, service, switch
    state                                       what a description becomes, and what Azure tells of it
    images, group_of, instance_view, changes    access to images; the group to run; states; what may not change
    sealing, spec                               secret values; a description, checked and typed
    names, probe_spec
    errors
"""

from __future__ import annotations

from standin.containerinstance.kinds import ContainerGroupKind
from standin.containerinstance.names import DOMAIN
from standin.containerinstance.service import ContainerInstanceService
from standin.containerinstance.state import CONTAINER_GROUPS, ContainerGroups
from standin.containerinstance.switch import control_routes
from standin.core.part import Part

__all__ = ["CONTAINER_GROUPS", "ContainerGroups", "part"]


def part(groups: ContainerGroups) -> Part:
    return Part(
        name="containerinstance",
        service=ContainerInstanceService(groups),
        kinds=(ContainerGroupKind(groups),),
        tunnels={DOMAIN: groups.resolve},
        control_routes=control_routes(groups),
    )
