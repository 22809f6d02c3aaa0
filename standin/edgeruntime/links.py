"""The cloud's end of a device's WebSocket: messages go into the hub's log before they are acknowledged; identities,
desired properties and methods go down. The frames are in `hub/upstream/frames.py`.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from standin.core.errors import ServiceError
from standin.core.faults import Faults
from standin.core.http import WebSocket
from standin.edgeruntime.hub.upstream.frames import Frame, decode, encode
from standin.edgeruntime.iothub_port import EDGE_AGENT_MODULE, EDGE_HUB_MODULE, Hub, Hubs, Invocation, Subscription
from standin.iothub.events.message import D2CMessage

REMEMBERED_IDS = 4096
REFUSED = 1008

log = logging.getLogger("standin.edge")

Key = tuple[str, str]


class Links:
    """Every connected device, by (hub host, device)."""

    def __init__(self, hubs: Hubs, faults: Faults) -> None:
        self._hubs = hubs
        self._faults = faults
        self._links: dict[Key, Link] = {}
        self._seen: OrderedDict[tuple[str, str, str], Seen] = OrderedDict()

    async def serve(self, socket: WebSocket) -> None:
        """`/_standin/edge/{device}` on the host name of the device's hub."""
        device = socket.parameters["device"]
        hub = self._hubs.get(socket.host)
        if hub is None or not self._admitted(hub, device, socket.headers.get("authorization", "")):
            log.warning("%s/%s: the device's hub is refused", socket.host, device)
            await socket.close(REFUSED)
            return
        await socket.accept()
        await self.close(hub.host, device)
        link = self._links[hub.host.lower(), device] = Link(hub, device, socket, self._remembered)
        try:
            await link.run(self._faults)
        finally:
            if self._links.get((hub.host.lower(), device)) is link:
                del self._links[hub.host.lower(), device]

    def connected(self, host: str, device: str) -> bool:
        return (host.lower(), device) in self._links

    async def close(self, host: str, device: str) -> None:
        """The device lost its power, or is gone."""
        link = self._links.pop((host.lower(), device), None)
        if link:
            await link.close()

    def _admitted(self, hub: Hub, device: str, token: str) -> bool:
        resource = f"{hub.host}/devices/{device}/modules/{EDGE_HUB_MODULE}"
        return not self._faults.is_cut(device) and hub.check_token(resource, token)

    def _remembered(self, host: str, device: str, store: str) -> Seen:
        key = (host.lower(), device, store)
        seen = self._seen.setdefault(key, Seen())
        self._seen.move_to_end(key)
        while len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        return seen


class Seen:
    """The last message ids that a device's store had appended: what is sent again after a lost acknowledgement is not
    appended again. Kept in memory: over a restart of the stand-in the way is at least once, as Azure's is."""

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._ids

    def add(self, message_id: int) -> None:
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED_IDS:
            self._ids.popitem(last=False)


class Link:
    def __init__(self, hub: Hub, device: str, socket: WebSocket, remembered: Callable[[str, str, str], Seen]) -> None:
        self._hub = hub
        self._device = device
        self._socket = socket
        self._remembered = remembered
        self._seen = Seen()
        self._clients: set[str] = set()
        self._invocations: dict[int, Invocation] = {}
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self, faults: Faults) -> None:
        """Until either side goes or the way is cut."""
        events = self._hub.subscribe(self._device)
        self._hub.connection(self._device, EDGE_HUB_MODULE, True)
        try:
            await self._send_state()
            jobs = [asyncio.create_task(job) for job in self._jobs(events, faults)]
            try:
                done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for job in jobs:
                    job.cancel()
                await asyncio.gather(*jobs, return_exceptions=True)
            for job in done:
                job.result()
        finally:
            events.close()
            self._gone()
            self._ended.set()

    def _jobs(self, events: Subscription, faults: Faults) -> Iterator[Coroutine[Any, Any, object]]:
        yield self._receive()
        yield self._forward(events)
        yield self._cut(faults)
        yield self._stopping.wait()

    async def close(self) -> None:
        """Returns when the link has told the hub that the device's modules are gone: the next one tells who came."""
        self._stopping.set()
        await self._ended.wait()

    def _gone(self) -> None:
        self._connected(set())
        if self._hub.identity(self._device, EDGE_HUB_MODULE):
            self._hub.connection(self._device, EDGE_HUB_MODULE, False)

    async def _cut(self, faults: Faults) -> None:
        while not faults.is_cut(self._device):
            await faults.changed()

    async def _receive(self) -> None:
        while (text := await self._socket.receive()) is not None:
            try:
                answer = self._answer(decode(text))
            except (ValueError, KeyError) as problem:
                log.warning("%s: a frame that cannot be read: %r", self._device, problem)
                return
            if answer:
                await self._socket.send(encode(answer))

    def _answer(self, frame: Frame) -> Frame | None:
        match frame["type"]:
            case "hello":
                self._seen = self._remembered(self._hub.host, self._device, frame["store"])
            case "clients":
                self._connected(set(frame["connected"]))
            case "upstream":
                self._append(frame["messages"])
                return {"type": "ack", "seq": frame["seq"]}
            case "reported":
                return self._report(frame["module"], frame["patch"])
            case "result":
                self._result(frame)
        return None

    def _append(self, messages: list[Frame]) -> None:
        fresh = [message for message in messages if message["id"] not in self._seen]
        for module, group in _by_module(fresh):
            try:
                self._hub.append(self._device, module, [_message(message) for message in group])
            except ServiceError:
                self._append_singly(module, group)
            for message in group:
                self._seen.add(message["id"])

    def _append_singly(self, module: str, group: list[Frame]) -> None:
        """One that the hub refuses for good (its module is gone, it is too large) must not hold up the others."""
        for message in group:
            try:
                self._hub.append(self._device, module, [_message(message)])
            except ServiceError as problem:
                log.warning("%s/%s: a message is refused: %s", self._device, module, problem)

    def _report(self, module: str, patch: dict[str, Any]) -> Frame:
        answer: Frame = {"type": "reported", "module": module}
        try:
            return answer | {"version": self._hub.report(self._device, module, patch)}
        except ServiceError as problem:
            return answer | {"error": problem.message}

    def _connected(self, clients: set[str]) -> None:
        for module in clients ^ self._clients:
            if self._hub.identity(self._device, module):
                self._hub.connection(self._device, module, module in clients)
        self._clients = clients

    def _result(self, frame: Frame) -> None:
        """Without an answer the caller's own time runs out, which is how Azure tells it."""
        invocation = self._invocations.pop(frame["id"], None)
        if invocation and "status" in frame:
            invocation.respond(frame["status"], frame["payload"])

    async def _forward(self, events: Subscription) -> None:
        while True:
            try:
                event = await events.get()
            except EOFError:
                return
            if event[0] == "identity":
                if self._hub.identity(self._device, EDGE_HUB_MODULE) is None:
                    return
                await self._send_state()
            elif event[0] == "desired" and event[1] not in (None, EDGE_AGENT_MODULE):
                await self._send({"type": "desired", "module": event[1], "desired": event[2].desired})
            elif event[0] == "method" and event[1] not in (None, EDGE_AGENT_MODULE):
                await self._invoke(event[1], event[2])

    async def _invoke(self, module: str, invocation: Invocation) -> None:
        number = next(self._numbers)
        self._invocations[number] = invocation
        asyncio.get_running_loop().call_later(
            invocation.response_timeout_s + 1, lambda: self._invocations.pop(number, None)
        )
        await self._send(
            {
                "type": "method",
                "id": number,
                "module": module,
                "name": invocation.name,
                "payload": invocation.payload,
                "response_timeout_s": invocation.response_timeout_s,
            }
        )

    async def _send_state(self) -> None:
        device = self._hub.identity(self._device)
        modules = self._hub.modules(self._device)
        enabled = device is not None and device.enabled
        identities = [
            {
                "module": one.module,
                "generation_id": one.generation_id,
                "primary_key": one.primary_key,
                "secondary_key": one.secondary_key,
                "enabled": enabled and one.enabled,
            }
            for one in modules
        ]
        twins = {}
        for one in modules:
            if one.module and one.module != EDGE_AGENT_MODULE:
                twin = self._hub.twin(self._device, one.module)
                twins[one.module] = {"desired": twin.desired, "reported": twin.reported}
        await self._send({"type": "state", "identities": identities, "twins": twins})

    async def _send(self, frame: Frame) -> None:
        await self._socket.send(encode(frame))


def _by_module(messages: list[Frame]) -> Iterator[tuple[str, list[Frame]]]:
    for module, group in itertools.groupby(messages, key=lambda message: message["module"]):
        yield module, list(group)


def _message(frame: Frame) -> D2CMessage:
    system = {name: value for name, value in frame["system"].items() if not name.startswith("connection")}
    return D2CMessage(body=base64.b64decode(frame["body"]), system=system, properties=frame["properties"])
