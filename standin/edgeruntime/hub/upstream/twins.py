"""What modules report, on its way to the cloud: one patch in flight for each module.

From the device:
  reported  module, patch
From the cloud:
  reported  module, version | module, error
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping

from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.operation import Handler, Operation

log = logging.getLogger("edgehub.upstream")


class Reports(Operation):
    def __init__(self, link: Link, twins: Twins) -> None:
        self._link = link
        self._twins = twins
        self._taken: deque[Frame] = deque()

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"reported": self._answered}

    def disconnected(self) -> None:
        self._taken.clear()
        self._twins.disconnected()

    def next_frame(self) -> Frame | None:
        for module, patch in self._twins.take_unsent():
            self._taken.append({"type": "reported", "module": module, "patch": patch})
        return self._taken.popleft() if self._taken else None

    async def _answered(self, frame: Frame) -> None:
        if "error" in frame:
            log.warning("the cloud refused what %s reported: %s", frame["module"], frame["error"])
        self._twins.confirmed(frame["module"], frame.get("version"))
        self._link.wake()
