"""Virtual IoT Edge devices: for each edge-enabled identity an agent in this process; hub and modules are containers.

Each of these lines stands on those below it:

    service, routes         a life; the control surface
    handlers, hosted        `hosted`: devices that a virtual machine's daemon powers
    fleet                   all devices: one for each identity
    device_factory
    agent                   one device's agent
    links                   the cloud's end of each device's WebSocket
    iothub_port, errors     what is asked of an IoT Hub
    hub                     the process in the edge hub's container

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime
"""

from __future__ import annotations

from standin.core.faults import Faults
from standin.core.part import Part
from standin.edgeruntime.device_factory import DeviceFactory
from standin.edgeruntime.fleet import Fleet
from standin.edgeruntime.handlers import Handlers
from standin.edgeruntime.hosted import HostedDevices
from standin.edgeruntime.links.links import Links
from standin.edgeruntime.routes import UPSTREAM, control_routes
from standin.edgeruntime.service import EdgeRuntimeService

__all__ = ["DeviceFactory", "Fleet", "HostedDevices", "Links", "part"]


def part(fleet: Fleet, links: Links, faults: Faults) -> Part:
    return Part(
        name="edgeruntime",
        service=EdgeRuntimeService(fleet),
        control_routes=control_routes(Handlers(fleet, faults)),
        control_websockets={UPSTREAM: links.serve},
        inventories={"edgeDevices": fleet.inventory},
    )
