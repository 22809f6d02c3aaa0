"""The device's end of the link: which frame is whose affair, and who may send next."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.operation import Operation

log = logging.getLogger("edgehub.upstream")


class Cloud:
    """The link's `Peer`. Operations speak in their order: the first ones when it stands, and when there is room."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._handlers = {name: handler for operation in operations for name, handler in operation.handlers.items()}
        self._sends = True

    def stop_sending(self) -> None:
        """Nothing new, that is: what is under way may still be answered."""
        self._sends = False

    def connected(self) -> None:
        for operation in self._operations:
            operation.connected()

    def disconnected(self) -> None:
        for operation in self._operations:
            operation.disconnected()

    def next_frame(self) -> Frame | None:
        if not self._sends:
            return None
        return next((frame for operation in self._operations if (frame := operation.next_frame())), None)

    async def received(self, frame: Frame) -> None:
        handler = self._handlers.get(frame["type"])
        if handler is None:
            log.warning("a frame of the unknown type %r was passed over", frame["type"])
        else:
            await handler(frame)
