"""Azure IoT Hub: ARM resource, service REST, registry, twins, queries, automatic deployments, messages, AMQP endpoint.

`Hubs` is the way in for the edge runtime: `Hubs.get(host)`, `Hubs.on_edge_device(callback)`, and of a `Hub`
identities, twins, reports, messages, presence, subscriptions.

Each of these lines stands on those below it:

    service, kinds          its hosts; the hub in Azure Resource Manager
    rest                    the service REST API: handlers, routes, permissions
    hubs, hub               all hubs; one hub, composed of its domains
    eventhub                the built-in endpoint: what is Event Hubs' own
    amqp                    AMQP 1.0, which knows neither Event Hubs nor IoT Hub
    configurations          automatic deployments
    devices, events         what devices are told and asked; what they send
    twins, query            twins; the query language, which knows no twins
    registry                identities, presence, device tokens
    kernel                  what every domain stands on: documents, transactions, refusals, signed tokens

From `configurations` to `kernel` nothing knows HTTP, AMQP or ARM. An operation of the REST API is a function in `rest/`
and a line in `rest/routes.py`; a domain is a folder and a line in `hub.py`.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.profile import Profile
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


def part(hubs: Hubs, arm: Arm, roles: Roles, clock: Clock, profile: Profile) -> Part:
    return Part(
        name="iothub",
        service=IotHubService(hubs, roles),
        kinds=(IotHubKind(hubs, arm, clock, profile), ConsumerGroupKind(hubs)),
    )
