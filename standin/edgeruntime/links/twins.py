"""Twins of a device's modules: what they report goes up, what is desired of them goes down."""

from __future__ import annotations

from standin.core.errors import ServiceError
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.iothub_port import Hub, Twin


class Twins:
    def __init__(self, hub: Hub, device: str) -> None:
        self._hub = hub
        self._device = device

    def reported(self, frame: Frame) -> Frame:
        module = frame["module"]
        answer: Frame = {"type": "reported", "module": module}
        try:
            return answer | {"version": self._hub.report(self._device, module, frame["patch"])}
        except ServiceError as problem:
            return answer | {"error": problem.message}


def desired_frame(module: str, twin: Twin) -> Frame:
    return {"type": "desired", "module": module, "desired": twin.desired}
