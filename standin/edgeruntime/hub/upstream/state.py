"""What the cloud knows of this device.

From the cloud:
  state     identities: [...], twins: {module: {desired, reported}}   first, and whenever identities change
  desired   module, desired         the whole section
"""

from __future__ import annotations

from collections.abc import Mapping

from standin.edgeruntime.hub.domain.cloud_side import CloudSide
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.operation import Handler, Operation


class State(Operation):
    def __init__(self, hub: CloudSide) -> None:
        self._hub = hub

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"state": self._state, "desired": self._desired}

    async def _state(self, frame: Frame) -> None:
        await self._hub.synchronize(frame["identities"], frame["twins"])

    async def _desired(self, frame: Frame) -> None:
        self._hub.desired(frame["module"], frame["desired"])
