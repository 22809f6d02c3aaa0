"""Managed online endpoints. Each of these lines stands on those below it:

service
door, endpoints     where requests arrive; the resource
hosts               which endpoint answers at a host
traffic             shares, pure
names, errors
"""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.part import Part
from standin.machinelearning.online.door import Door
from standin.machinelearning.online.endpoints import OnlineEndpoint
from standin.machinelearning.online.hosts import Hosts
from standin.machinelearning.online.service import ScoringService

__all__ = ["part"]


def part(arm: Arm) -> Part:
    hosts = Hosts(arm)
    return Part(
        name="machinelearning.online",
        service=ScoringService(Door(hosts), hosts),
        kinds=(OnlineEndpoint(arm, hosts),),
    )
