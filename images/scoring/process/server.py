"""Sockets: listens, times out slow requests, and drains without breaking an accepted one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import formatdate

from images.scoring.errors import StartError
from images.scoring.http.app import App
from images.scoring.http.connection import Connection
from images.scoring.http.limits import Limits
from images.scoring.http.places import Places
from images.scoring.http.server_state import Crowd, ServerState
from images.scoring.process.listener_filter import accept_new_connections, drop_new_connections
from images.scoring.process.tls_door import TlsDoor

log = logging.getLogger("scoring.server")

SERVER_VERSION = b"edgeway/1"
SWEEP_SECONDS = 0.5
ARRIVAL_SECONDS = 2.0
"""More than a client on a busy machine takes from its connect to its first byte; only one that never sends costs it."""
HANDSHAKE_ROUND_SECONDS = 0.05


class HttpServer:
    """One listening socket and its connections."""

    def __init__(self, app: App, listener: socket.socket, *, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._app = app
        self._listener = listener
        loop = asyncio.get_running_loop()
        self._state = ServerState(
            app=app,
            loop=loop,
            limits=limits,
            half_close=tls is None,
            places=Places(limits.max_connections, loop.time),
            crowd=Crowd(loop),
        )
        self._door = None if tls is None else TlsDoor(listener, tls, self._state)
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        accept_new_connections(self._listener)
        if self._door is not None:
            self._door.open()
        else:
            self._server = await loop.create_server(self._protocol, sock=self._listener, backlog=1024)
        self._set_date()
        self._sweeper = loop.create_task(self._sweep())

    async def stop(self, *, deadline: float) -> None:
        """Close the listener, let every request that was accepted be answered until `deadline` (loop time)."""
        await self._close_listener()
        await self._end_connections(deadline)

    async def hand_over(self, *, deadline: float) -> None:
        """As `stop`, but what connects from now on is for another server that has the same socket."""
        if self._server is not None:
            self._server.close()
        await self._end_connections(deadline)

    async def _end_connections(self, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        # a connection that is new, or has sent part of a request, gets this long: closing it now would fail a request
        arrival_deadline = min(deadline, loop.time() + ARRIVAL_SECONDS)
        places = self._state.places
        while (places or self._state.tasks) and loop.time() < deadline:
            late = loop.time() >= arrival_deadline
            for connection in self._connections():
                if not connection.arriving or late:
                    connection.shutdown()
            if late and self._door is not None:
                self._door.end_handshakes()
            await asyncio.sleep(0.01)
        for task in list(self._state.tasks):
            task.cancel()
        for holder in places:
            holder.give_up()
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _connections(self) -> Iterator[Connection]:
        """Those that are in no handshake."""
        return (holder for holder in self._state.places if isinstance(holder, Connection))

    def _protocol(self) -> Connection:
        return Connection(self._state)

    async def _close_listener(self) -> None:
        """Close it, but serve the connections that the kernel has accepted for it: these would be reset with it."""
        # else a client that connects between the last accept and the close is reset, after its connect has succeeded
        if drop_new_connections(self._listener):
            await asyncio.sleep(HANDSHAKE_ROUND_SECONDS)
        if self._door is not None:
            self._door.close()
        elif self._server is not None:
            await self._close_server(self._server)

    async def _close_server(self, server: asyncio.Server) -> None:
        loop = asyncio.get_running_loop()
        duplicate = self._listener.dup()
        server.close()
        # the event loop closes the listener itself in its next turn
        while self._listener.fileno() != -1:  # noqa: ASYNC110
            await asyncio.sleep(0)
        waiting: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                waiting.append(duplicate.accept()[0])
        duplicate.close()
        for connection in waiting:
            connection.setblocking(False)
            try:
                await loop.connect_accepted_socket(self._protocol, connection)
            except OSError as error:
                log.info("a connection ended before it began: %s", error)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._set_date()
            now = loop.time()
            for connection in self._connections():
                connection.check_time(now)

    def _set_date(self) -> None:
        date = formatdate(time.time(), usegmt=True).encode()
        self._state.constant = b"date: %b\r\nx-ms-server-version: %b\r\n" % (date, SERVER_VERSION)


def listen(host: str, port: int) -> socket.socket:
    """Bound before workers are forked, so that they share one queue of connections. Raises StartError."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise StartError(
            f"cannot listen on {host}:{port} as uid {os.geteuid()} ({error.strerror or error}); below 1024 only "
            "root may, where the system keeps to that"
        ) from error
    listener.setblocking(False)
    return listener
