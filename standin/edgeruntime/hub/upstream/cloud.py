"""What the frames mean: the cloud's state comes in, the device's messages and reports go out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from standin.edgeruntime.hub.domain.cloud_side import CloudSide
from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.messages import Messages
from standin.edgeruntime.hub.upstream.methods import MethodCalls
from standin.edgeruntime.hub.upstream.presence import Presence
from standin.edgeruntime.hub.upstream.twins import Reports

log = logging.getLogger("edgehub.upstream")


class Cloud:
    """The link's `Peer`."""

    def __init__(
        self,
        link: Link,
        messages: Messages,
        reports: Reports,
        methods: MethodCalls,
        presence: Presence,
        connected: ConnectedModules,
        hub: CloudSide,
    ) -> None:
        self._link = link
        self._messages = messages
        self._reports = reports
        self._methods = methods
        self._presence = presence
        self._connected = connected
        self._hub = hub
        self._draining = False
        self._handlers: dict[str, Callable[[Frame], Awaitable[None]]] = {
            "state": self._state,
            "desired": self._desired,
            "ack": self._acknowledged,
            "reported": self._reported,
            "method": self._method,
        }

    async def drain(self, within_s: float) -> None:
        """Sends nothing new, and waits a little for what is under way: it would be sent twice otherwise."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._messages.idle.wait(), within_s)

    def connected(self) -> None:
        self._link.send(self._messages.hello())
        self._presence.changed(self._connected.names)

    def disconnected(self) -> None:
        self._messages.disconnected()
        self._reports.disconnected()

    def next_frame(self) -> Frame | None:
        if self._draining:
            return None
        for frame in self._reports.next_frames():
            self._link.send(frame)
        return self._messages.next_frame()

    async def received(self, frame: Frame) -> None:
        handler = self._handlers.get(frame["type"])
        if handler is None:
            log.warning("a frame of the unknown type %r was passed over", frame["type"])
        else:
            await handler(frame)

    async def _state(self, frame: Frame) -> None:
        await self._hub.synchronize(frame["identities"], frame["twins"])

    async def _desired(self, frame: Frame) -> None:
        self._hub.desired(frame["module"], frame["desired"])

    async def _acknowledged(self, frame: Frame) -> None:
        self._messages.acknowledged(frame["seq"])
        self._link.wake()

    async def _reported(self, frame: Frame) -> None:
        self._reports.answered(frame)
        self._link.wake()

    async def _method(self, frame: Frame) -> None:
        self._methods.start(frame)
