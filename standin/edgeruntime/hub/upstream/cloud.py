"""What the frames mean: the cloud's state comes in, the device's messages and reports go out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.methods import NotOnline
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.mqtt.broker import Broker
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.frames import Frame
from standin.edgeruntime.hub.upstream.link import Link
from standin.edgeruntime.hub.upstream.sender import Sender

log = logging.getLogger("edgehub.upstream")


class Cloud:
    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        router: Router,
        twins: Twins,
        identities: Identities,
        metrics: Metrics,
        identities_changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._twins = twins
        self._identities = identities
        self._identities_changed = identities_changed
        self._sender = Sender(router.upstream, store=store, reader=router.reader, metrics=metrics)
        self._broker: Broker | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._draining = False
        self.link = Link(
            settings,
            source=self._next_frame,
            received=self._received,
            connected=self._connected,
            disconnected=self._disconnected,
        )
        router.upstream.filled = self.link.wake

    def serves(self, broker: Broker) -> None:
        self._broker = broker

    def clients_changed(self) -> None:
        self.link.send({"type": "clients", "connected": self._clients()})

    def reported(self) -> None:
        self.link.wake()

    async def drain(self, within_s: float) -> None:
        """Sends nothing new, and waits a little for what is under way: it would be sent twice otherwise."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sender.idle.wait(), within_s)

    def _clients(self) -> list[str]:
        return sorted(self._broker.clients) if self._broker else []

    def _connected(self) -> None:
        self.link.send({"type": "hello", "store": self._store.id})
        self.clients_changed()

    def _disconnected(self) -> None:
        self._sender.disconnected()
        self._twins.disconnected()

    def _next_frame(self) -> Frame | None:
        if self._draining:
            return None
        for module, patch in self._twins.take_unsent():
            self.link.send({"type": "reported", "module": module, "patch": patch})
        return self._sender.next_frame()

    async def _received(self, frame: Frame) -> None:
        match frame["type"]:
            case "ack":
                self._sender.acknowledged(frame["seq"])
                self.link.wake()
            case "state":
                await self._state(frame)
            case "desired":
                self._twins.set_desired(frame["module"], frame["desired"])
            case "reported":
                self._reported(frame)
            case "method":
                task = asyncio.create_task(self._method(frame))
                self._calls.add(task)
                task.add_done_callback(self._calls.discard)
            case other:
                log.warning("a frame of the unknown type %r was passed over", other)

    async def _state(self, frame: Frame) -> None:
        self._identities.replace(frame["identities"])
        twins: dict[str, dict[str, Any]] = frame["twins"]
        self._twins.forget(set(twins))
        for module, twin in twins.items():
            self._twins.synchronize(module, twin["desired"], twin["reported"])
        await self._identities_changed()

    def _reported(self, frame: Frame) -> None:
        if "error" in frame:
            log.warning("the cloud refused what %s reported: %s", frame["module"], frame["error"])
        self._twins.confirmed(frame["module"], frame.get("version"))
        self.link.wake()

    async def _method(self, frame: Frame) -> None:
        answer: Frame = {"type": "result", "id": frame["id"]}
        try:
            assert self._broker is not None
            status, payload = await self._broker.methods.call(
                frame["module"],
                frame["name"],
                frame["payload"],
                response_timeout_s=frame["response_timeout_s"],
                connect_timeout_s=frame.get("connect_timeout_s", 0),
            )
            answer |= {"status": status, "payload": payload}
        except NotOnline:
            answer["error"] = "offline"
        except TimeoutError:
            answer["error"] = "timeout"
        self.link.send(answer)
