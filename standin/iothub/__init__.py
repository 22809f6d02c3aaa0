"""Azure IoT Hub: ARM resource, service REST, registry, twins, queries, automatic deployments, messages, AMQP endpoint.

`hubs(world)` is the way in for the edge runtime: `Hubs.get(host)`, `Hubs.on_edge_device(callback)`, and of a `Hub`
identities, twins, reports, messages, presence, subscriptions.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standin.iothub.devices.invocation import Invocation
from standin.iothub.devices.subscriptions import Event, Subscription
from standin.iothub.events.message import D2CMessage
from standin.iothub.hub import Hub
from standin.iothub.hubs import Hubs, hubs
from standin.iothub.kinds import ConsumerGroupKind, IotHubKind
from standin.iothub.registry.identity import Identity
from standin.iothub.service import IotHubService
from standin.iothub.twins.twin import Twin

if TYPE_CHECKING:
    from standin.core.arm.kinds import ResourceKind
    from standin.core.http import Service
    from standin.core.world import World

__all__ = ["D2CMessage", "Event", "Hub", "Hubs", "Identity", "Invocation", "Subscription", "Twin", "hubs"]


def build(world: World) -> Service:
    return IotHubService(hubs(world), world.roles)


def kinds(world: World) -> list[ResourceKind]:
    return [IotHubKind(hubs(world), world.arm, world.clock), ConsumerGroupKind(hubs(world))]
