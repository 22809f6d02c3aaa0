"""The connection to the cloud: made again for ever, with backoff; everything waits in the store meanwhile."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from typing import Protocol
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from standin.edgeruntime.hub.domain.identities.identities import EDGE_HUB_MODULE
from standin.edgeruntime.hub.domain.identities.tokens import make_token
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.frames import MAX_FRAME_BYTES, Frame, decode, encode

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 5.0
PING_S = 10.0
# The stand-in's clock is virtual and may be far ahead of ours; the token never leaves this machine.
TOKEN_LIFETIME_S = 10 * 365 * 86_400

log = logging.getLogger("edgehub.upstream")


class Peer(Protocol):
    """Who says what goes over the link, and hears what comes."""

    def connected(self) -> None: ...
    def disconnected(self) -> None: ...

    def next_frame(self) -> Frame | None:
        """Asked when there is room for one and nothing that was given to `send` waits."""

    async def received(self, frame: Frame) -> None: ...


class Link:
    """Frames go out by `send`, and the peer's next ones when there is room: `wake` says that there may be some."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._frames: deque[Frame] = deque()
        self._wake = asyncio.Event()
        self.connected = False

    def send(self, frame: Frame) -> None:
        """Only while connected: the cloud is told the present state at every connection."""
        if self.connected:
            self._frames.append(frame)
            self._wake.set()

    def wake(self) -> None:
        self._wake.set()

    async def run(self, peer: Peer) -> None:
        delay = FIRST_RETRY_S
        while True:
            try:
                async with self._connect() as socket:
                    delay = FIRST_RETRY_S
                    await self._serve(socket, peer)
            except (OSError, WebSocketException, ValueError, KeyError) as problem:
                log.info("no connection to the cloud, next try in %.1f s: %s", delay, problem or repr(problem))
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))
            delay = min(delay * 2, LAST_RETRY_S)

    def _connect(self) -> connect:
        settings, upstream = self._settings, self._settings.upstream()
        hub, device = settings.hub, settings.device
        token = make_token(
            f"{hub}/devices/{device}/modules/{EDGE_HUB_MODULE}", upstream.key, lifetime_s=TOKEN_LIFETIME_S
        )
        return connect(
            f"wss://{hub}/_standin/edge/{quote(device, safe='')}",
            host=upstream.address,
            port=upstream.port,
            ssl=ssl.create_default_context(cafile=str(settings.trust_bundle)),
            server_hostname=hub,
            additional_headers={"Authorization": token},
            compression=None,
            proxy=None,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            max_size=MAX_FRAME_BYTES,
        )

    async def _serve(self, socket: ClientConnection, peer: Peer) -> None:
        self.connected = True
        self._frames.clear()
        log.info("connected to the cloud")
        peer.connected()
        sending = asyncio.create_task(self._send_all(socket, peer))
        try:
            async for text in socket:
                await peer.received(decode(text))
        finally:
            self.connected = False
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            peer.disconnected()
            log.info("disconnected from the cloud")

    async def _send_all(self, socket: ClientConnection, peer: Peer) -> None:
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (frame := self._frames.popleft() if self._frames else peer.next_frame()) is not None:
                await socket.send(encode(frame))
