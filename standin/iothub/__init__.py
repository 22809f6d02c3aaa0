"""Azure IoT Hub: ARM resource, service REST, registry, twins, queries, automatic deployments, messages, AMQP endpoint.

`Hubs` is the way in for the edge runtime: `Hubs.get(host)`, `Hubs.on_edge_device(callback)`, and of a `Hub`
identities, twins, reports, messages, presence, subscriptions.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.iothub.devices.invocation import Invocation
from standin.iothub.devices.subscriptions import Event, Subscription
from standin.iothub.events.message import D2CMessage
from standin.iothub.hub import Hub
from standin.iothub.hubs import Hubs
from standin.iothub.kinds import ConsumerGroupKind, IotHubKind
from standin.iothub.registry.identity import Identity
from standin.iothub.service import IotHubService
from standin.iothub.twins.twin import Twin

__all__ = ["D2CMessage", "Event", "Hub", "Hubs", "Identity", "Invocation", "Subscription", "Twin", "part"]


def part(hubs: Hubs, arm: Arm, roles: Roles, clock: Clock) -> Part:
    return Part(
        name="iothub",
        service=IotHubService(hubs, roles),
        kinds=(IotHubKind(hubs, arm, clock), ConsumerGroupKind(hubs)),
    )
