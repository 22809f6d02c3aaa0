"""Azure IoT Hub: ARM resource, service REST, registry, twins, queries, automatic deployments, messages, AMQP endpoint.

https://learn.microsoft.com/rest/api/iothub/
"""

from __future__ import annotations

from standin.iothub.events.message import D2CMessage
from standin.iothub.hub import Event, Hub, Invocation, Subscription, Twin
from standin.iothub.hubs import Hubs
from standin.iothub.registry.identity import Identity

__all__ = ["D2CMessage", "Event", "Hub", "Hubs", "Identity", "Invocation", "Subscription", "Twin"]
