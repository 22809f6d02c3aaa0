"""What modules report, on its way to the cloud: one patch in flight for each module."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.upstream.frames import Frame

log = logging.getLogger("edgehub.upstream")


class Reports:
    def __init__(self, twins: Twins) -> None:
        self._twins = twins

    def next_frames(self) -> Iterator[Frame]:
        for module, patch in self._twins.take_unsent():
            yield {"type": "reported", "module": module, "patch": patch}

    def answered(self, frame: Frame) -> None:
        if "error" in frame:
            log.warning("the cloud refused what %s reported: %s", frame["module"], frame["error"])
        self._twins.confirmed(frame["module"], frame.get("version"))

    def disconnected(self) -> None:
        self._twins.disconnected()
