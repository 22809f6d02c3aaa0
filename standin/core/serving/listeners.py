"""The sockets: TLS with a certificate per name, and plain HTTP on loopback, both parsed by uvicorn.

https://www.uvicorn.org/server-behavior/
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from standin.core.certificates import Authority
from standin.core.serving.server import Receive, Scope, Send

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_KEEP_ALIVE_SECONDS = 75
_GRACE_SECONDS = 5
_MAX_FRAME = 64 * 1024 * 1024


class PortTaken(Exception):
    """Another process listens where the stand-in must."""


class _Protocol(HttpToolsProtocol):
    """Lets the application break a connection: faults need a reset, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        state: dict[str, Any] = dict(self.scope["state"])
        state["abort"] = self.transport.abort
        self.scope["state"] = state


class _WebSocket(WebSocketsSansIOProtocol):
    def shutdown(self) -> None:
        """uvicorn 0.54 says goodbye also on a connection that its client closes just then, and raises: nothing after it
        was stopped."""
        if self.conn.state is State.OPEN or self.conn.state is State.CONNECTING:
            super().shutdown()
        else:
            self.stop_keepalive()
            self.transport.close()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to `__main__`: two servers of one process must not take them from each other."""
        yield


class Listener:
    """uvicorn on given sockets; with an authority it speaks TLS."""

    def __init__(self, application: Asgi, authority: Authority | None = None) -> None:
        config = uvicorn.Config(
            application,
            http=_Protocol,
            ws=_WebSocket,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=_MAX_FRAME,
            ws_per_message_deflate=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        config.load()
        if authority is not None:
            config.ssl = _sni_context(authority)
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self, sockets: list[socket.socket]) -> None:
        self._task = asyncio.create_task(self._server.serve(sockets=sockets))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise RuntimeError("the listener ended before it started")
            await asyncio.sleep(0.005)

    def end(self) -> None:
        """What comes now is served no more; `stop` waits for what is under way."""
        self._server.should_exit = True

    async def stop(self) -> None:
        self.end()
        if self._task is not None:
            await self._task


def bind(address: str, port: int, use: str) -> socket.socket:
    """A listening socket; PortTaken names the port, its use, and how to find who has it."""
    # the protocol is named: asyncio sets TCP_NODELAY only on sockets that say they are TCP, and each answer would else
    # wait for the client's delayed acknowledgement (40 ms)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {address}, wanted for {use}, is taken. See who has it: `ss -ltnp 'sport = :{port}'`; "
                "end that process or start with another --port-base."
            ) from error
        raise
    listener.setblocking(False)
    return listener


def is_local(address: str) -> bool:
    """Whether this machine has the address; a Docker engine elsewhere has a bridge that it has not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _sni_context(authority: Authority) -> ssl.SSLContext:
    """A context that changes into that of the name the client asks for; no name means an IP address was dialled."""

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> int | None:
        if name:
            try:
                connection.context = authority.context_for(name.lower())
            except ValueError:  # no certificate can be made out to it
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None

    context = authority.new_context(["localhost", "127.0.0.1", "host.docker.internal"])
    context.sni_callback = choose
    return context
