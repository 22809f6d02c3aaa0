"""Virtual IoT Edge devices: for each edge-enabled identity an agent in this process; hub and modules are containers.

https://learn.microsoft.com/azure/iot-edge/iot-edge-runtime
"""

from __future__ import annotations

from standin.core.http import Service
from standin.core.world import World
from standin.edgeruntime.service import EdgeRuntime
from standin.iothub.hubs import hubs

__all__ = ["build"]


def build(world: World) -> Service:
    return EdgeRuntime(world, hubs(world))
