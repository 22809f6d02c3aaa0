"""TLS between a socket and a connection, which reads a record at a time.

The event loops read 256 KiB at once, into a buffer and from there into OpenSSL's, and keep both as long as the
connection lives: one that had sent one long body took 600 kB, idle or not. There is no setting for it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio import sslproto
from typing import Any

import uvloop
from uvloop import loop as uvloops

RECORD_BYTES = 16 * 1024
"""https://www.rfc-editor.org/rfc/rfc8446#section-5.1"""


class _ByRecords:
    """Over the protocol of either loop."""

    max_size = RECORD_BYTES  # asyncio's own

    def get_buffer(self, size: int) -> memoryview:
        buffer: memoryview = super().get_buffer(RECORD_BYTES)  # type: ignore[misc]
        return buffer[:RECORD_BYTES]


class _OfAsyncio(_ByRecords, sslproto.SSLProtocol):
    pass


class _OfUvloop(_ByRecords, uvloops.SSLProtocol):  # type: ignore[name-defined, misc]
    pass


async def accept_tls(
    connection: asyncio.Protocol,
    accepted: socket.socket,
    context: ssl.SSLContext,
    *,
    handshake_seconds: float,
    shutdown_seconds: float,
) -> None:
    """Returns after the handshake; raises OSError or ssl.SSLError where there is none."""
    loop = asyncio.get_running_loop()
    made: Any = _OfUvloop if isinstance(loop, uvloop.Loop) else _OfAsyncio
    waiter = loop.create_future()
    protocol = made(
        loop,
        connection,
        context,
        waiter,
        server_side=True,
        ssl_handshake_timeout=handshake_seconds,
        ssl_shutdown_timeout=shutdown_seconds,
    )
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, accepted)
    try:
        await waiter
    except BaseException:
        transport.abort()
        raise
