"""Sockets: listens, times out slow requests, and drains without breaking an accepted one.

uvicorn's protocol does HTTP; its Server is not used, because this process has two ports, one life cycle, and its own
rules for ending.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from email.utils import formatdate

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.server import ServerState

from images.scoring.metrics import WorkerMetrics
from images.scoring.protocol import BoundedProtocol
from images.scoring.settings import Settings

log = logging.getLogger("scoring.server")

SWEEP_SECONDS = 0.5
HANDSHAKE_SECONDS = 10.0
ARRIVAL_SECONDS = 0.25


class HttpServer:
    """One listening socket and its connections."""

    def __init__(
        self,
        app: ASGI3Application,
        listener: socket.socket,
        *,
        settings: Settings,
        metrics: WorkerMetrics,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = listener
        self._settings = settings
        self._metrics = metrics
        self._tls = tls
        self._state = ServerState()
        self._config = Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            loop="none",
            http=BoundedProtocol,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=max(1, settings.keep_alive_ms // 1000),
        )
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._config.load()
        self._config.loaded_app = self._config.app  # without uvicorn's wrappers: nothing to add, 1 us to save
        self._server = await loop.create_server(
            self._protocol,
            sock=self._listener,
            ssl=self._tls,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if self._tls else None,
            backlog=1024,
        )
        self._set_date()
        self._sweeper = loop.create_task(self._sweep())

    async def stop(self, *, deadline: float) -> None:
        """Close the listener, let every request that was accepted be answered until `deadline` (loop time)."""
        await self._close_listener()
        loop = asyncio.get_running_loop()
        # whoever has just connected, or begun to ask, is let finish: closing now would fail that request
        patience = min(deadline, loop.time() + ARRIVAL_SECONDS)
        while (self._state.connections or self._state.tasks) and loop.time() < deadline:
            for connection in self._connections():
                if not connection.arriving or loop.time() >= patience:
                    connection.shutdown()
            await asyncio.sleep(0.01)
        for task in list(self._state.tasks):
            task.cancel()
        for connection in self._connections():
            connection.transport.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(
            self._config,
            self._state,
            loop=asyncio.get_running_loop(),
            max_connections=self._settings.max_connections,
            refused=self._metrics.answered,
        )

    def _connections(self) -> list[BoundedProtocol]:
        return [connection for connection in self._state.connections if isinstance(connection, BoundedProtocol)]

    async def _close_listener(self) -> None:
        """Close it, but take over what the kernel has accepted for us: that would be reset with the listener."""
        if self._server is None:
            return
        waiting: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                waiting.append(self._listener.accept()[0])
        self._server.close()
        loop = asyncio.get_running_loop()
        for connection in waiting:
            connection.setblocking(False)
            try:
                await loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls)
            except OSError as error:
                log.info("a connection ended before it began: %s", error)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._set_date()
            before = loop.time() - self._settings.request_timeout_ms / 1e3
            for connection in self._connections():
                connection.close_if_late(before=before)

    def _set_date(self) -> None:
        self._state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]


def listen(host: str, port: int) -> socket.socket:
    """Bound before workers are forked, so that they share one queue of connections."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener
