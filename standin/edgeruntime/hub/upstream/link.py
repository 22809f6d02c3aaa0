"""The connection to the cloud: made again for ever, with backoff; everything waits in the store meanwhile."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from standin.edgeruntime.hub.domain.identities.identities import EDGE_HUB_MODULE, make_token
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.frames import MAX_FRAME_BYTES, Frame, decode, encode

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 5.0
PING_S = 10.0
# The stand-in's clock is virtual and may be far ahead of ours; the token never leaves this machine.
TOKEN_LIFETIME_S = 10 * 365 * 86_400

log = logging.getLogger("edgehub.upstream")


class Link:
    """Frames go out by `send` and `source`, which gives the next one when there is room, and come in by `received`."""

    def __init__(
        self,
        settings: Settings,
        *,
        source: Callable[[], Frame | None],
        received: Callable[[Frame], Awaitable[None]],
        connected: Callable[[], None],
        disconnected: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._source = source
        self._received = received
        self._on_connected = connected
        self._on_disconnected = disconnected
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

    async def run(self) -> None:
        delay = FIRST_RETRY_S
        while True:
            try:
                async with self._connect() as socket:
                    delay = FIRST_RETRY_S
                    await self._serve(socket)
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

    async def _serve(self, socket: ClientConnection) -> None:
        self.connected = True
        self._frames.clear()
        log.info("connected to the cloud")
        self._on_connected()
        sending = asyncio.create_task(self._send_all(socket))
        try:
            async for text in socket:
                await self._received(decode(text))
        finally:
            self.connected = False
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            self._on_disconnected()
            log.info("disconnected from the cloud")

    async def _send_all(self, socket: ClientConnection) -> None:
        self._wake.set()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (frame := self._frames.popleft() if self._frames else self._source()) is not None:
                await socket.send(encode(frame))
