"""The CONNECT proxy: clients keep Azure's own names and reach the stand-in's TLS server.

An allow-list decides; everything else is 403, so nothing leaves the machine by mistake.
https://www.rfc-editor.org/rfc/rfc9110#CONNECT
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Mapping, Sequence

from standin.core.part import Resolver
from standin.core.serving.tasks import Tasks

log = logging.getLogger("standin.proxy")

_HTTPS = 443
_MAX_HEAD = 16 * 1024
_HEAD_SECONDS = 30
_PIECE = 64 * 1024


class Proxy:
    def __init__(self, tls_port: int, hosts: Callable[[], Sequence[str]], tunnels: Mapping[str, Resolver]) -> None:
        """`hosts` gives the names that are let through to the TLS server now, suffixes with a leading dot."""
        self._tls_port = tls_port
        self._hosts = hosts
        self._tunnels = tunnels
        self._servers: list[asyncio.Server] = []
        self._connections = Tasks()

    async def start(self, sockets: list[socket.socket]) -> None:
        for listener in sockets:
            self._servers.append(await asyncio.start_server(self._accept, sock=listener, limit=_MAX_HEAD))

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        await self._connections.end()

    def target(self, host: str, port: int, arrived: str = "127.0.0.1") -> tuple[str, int] | None:
        """Where a CONNECT goes that came in on the address `arrived`, or None when it is refused.

        A container's goes on to the address that it came in on, so that the TLS server sees whose it is: whatever name
        is asked for inside, the control surface is not for containers.
        """
        for suffix, resolve in self._tunnels.items():
            if host.endswith(suffix):
                where = resolve(host)
                return (where[0], where[1] or port) if where else None
        return (arrived, self._tls_port) if self._serves(host) and port == _HTTPS else None

    def _serves(self, host: str) -> bool:
        return any(host.endswith(name) if name.startswith(".") else host == name for name in self._hosts())

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A plain function, so that the task is ours to cancel without asyncio's complaint."""
        self._connections.begin(self._connection(reader, writer))

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.debug("a proxied connection ended: %r", error)
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        method, authority, *_ = [*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), ""]
        host, _, port = authority.rpartition(":")
        host = host.lower()
        arrived = str(writer.get_extra_info("sockname")[0])
        asked = method == "CONNECT" and re.fullmatch("[0-9]{1,5}", port) is not None
        where = self.target(host, int(port), arrived) if asked else None
        if where is None:
            log.warning("refused %s %s: not an Azure name that the stand-in serves", method, authority)
            await _answer(writer, "403 Forbidden", f"The stand-in does not serve {authority}; nothing is sent on.\n")
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*where)
        except OSError as error:
            await _answer(writer, "502 Bad Gateway", f"{host} does not answer: {error}\n")
            return
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await join(reader, writer, far_reader, far_writer)
        finally:
            far_writer.close()


async def join(
    near_reader: asyncio.StreamReader,
    near_writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Copies both ways; either end closing its side closes that side of the other."""
    client = near_writer.get_extra_info("socket")
    copies = [
        asyncio.create_task(_copy(near_reader, far_writer, acknowledged=client)),
        asyncio.create_task(_copy(far_reader, near_writer)),
    ]
    try:
        await asyncio.gather(*copies)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)


async def _copy(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    acknowledged: TransportSocket | None = None,
) -> None:
    """urllib3 leaves Nagle's algorithm on towards a proxy, so a request's body waits until its head is acknowledged:
    `acknowledged` is the socket on which that must not be delayed (40 ms). The kernel forgets the wish, so it is said
    again for each piece."""
    while True:
        if acknowledged is not None:
            acknowledged.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = await reader.read(_PIECE)
        if not piece:
            break
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode("latin-1") + body)
    await writer.drain()
