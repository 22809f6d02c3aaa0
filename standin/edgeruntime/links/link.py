"""One device's link: its life, and which frame is whose affair."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from standin.core.faults import Faults
from standin.core.http import WebSocket
from standin.edgeruntime.hub.upstream.frames import Frame, decode, encode
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, EDGE_HUB_MODULE, Hub, Subscription
from standin.edgeruntime.links.appended import AppendedMessages
from standin.edgeruntime.links.messages import Messages
from standin.edgeruntime.links.methods import Methods
from standin.edgeruntime.links.presence import Presence
from standin.edgeruntime.links.state import state_frame
from standin.edgeruntime.links.twins import Twins, desired_frame

log = logging.getLogger("standin.edge")

Handler = Callable[[Frame], Frame | None]
"""What a frame of the device does, and the frame that answers it."""


class Link:
    def __init__(self, hub: Hub, device: str, socket: WebSocket, appended: AppendedMessages) -> None:
        messages, twins = Messages(hub, device, appended), Twins(hub, device)
        self._hub = hub
        self._device = device
        self._socket = socket
        self._presence = Presence(hub, device)
        self._methods = Methods(self._send)
        self._handlers: dict[str, Handler] = {
            "hello": messages.hello,
            "clients": self._presence.clients,
            "upstream": messages.append,
            "reported": twins.reported,
            "result": self._methods.result,
        }
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self, faults: Faults) -> None:
        """Until one side closes the connection, the device is cut off, or its hub has no identity any more."""
        events = self._hub.subscribe(self._device)
        self._presence.began()
        try:
            await self._send(state_frame(self._hub, self._device))
            await _until_one_ends(self._jobs(events, faults))
        finally:
            events.close()
            self._presence.ended()
            self._ended.set()

    async def close(self) -> None:
        """Returns when the link has told the hub that the device's modules are gone: the next one tells who came."""
        self._stopping.set()
        await self._ended.wait()

    def _jobs(self, events: Subscription, faults: Faults) -> Iterator[Coroutine[Any, Any, object]]:
        yield self._receive()
        yield self._forward(events)
        yield self._cut(faults)
        yield self._stopping.wait()

    async def _cut(self, faults: Faults) -> None:
        while not faults.is_cut(self._device):
            await faults.changed()

    async def _receive(self) -> None:
        while (text := await self._socket.receive()) is not None:
            try:
                frame = decode(text)
                handler = self._handlers.get(frame["type"])
                answer = handler(frame) if handler else None
            except (ValueError, KeyError) as problem:
                log.warning("%s: a frame that cannot be read: %r", self._device, problem)
                return
            if answer:
                await self._send(answer)

    async def _forward(self, events: Subscription) -> None:
        """The agent's own events are left out: it has them from the hub itself."""
        while True:
            try:
                event = await events.get()
            except EOFError:
                return
            if event[0] == "identity":
                if self._hub.identity(self._device, EDGE_HUB_MODULE) is None:
                    return
                await self._send(state_frame(self._hub, self._device))
            elif event[0] == "desired" and event[1] not in (None, EDGE_AGENT_MODULE):
                await self._send(desired_frame(event[1], event[2]))
            elif event[0] == "method" and event[1] is None:
                event[2].fail("offline")  # an edge device takes methods in its modules only
            elif event[0] == "method" and event[1] != EDGE_AGENT_MODULE:
                await self._methods.invoke(event[1], event[2])

    async def _send(self, frame: Frame) -> None:
        await self._socket.send(encode(frame))


async def _until_one_ends(jobs: Iterator[Coroutine[Any, Any, object]]) -> None:
    """Ends the others, and raises what the first one raised."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
