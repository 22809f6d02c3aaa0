"""One TCP connection: bytes to packets and back; what they mean is its handler's affair.

A protocol class, not streams: output is gathered per turn of the loop, so a burst of acknowledgements is one write.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable
from typing import Protocol, cast

from standin.edgeruntime.hub.mqtt import codec
from standin.edgeruntime.hub.mqtt.codec import ProtocolError

CONNECT_WITHIN_S = 20.0
GRACE = 1.5
MAX_CONNECT_BYTES = 8192
MAX_PACKET_BYTES = 262_144 + 8192
MAX_UNREAD_BYTES = 16 * 1024 * 1024
"""Messages wait until the client reads; only answers to what it asks come so far."""

log = logging.getLogger("edgehub.mqtt")


class Handler(Protocol):
    """What packets mean; `str(handler)` names the client in the log."""

    def packet(self, first: int, packet: bytes) -> None:
        """ProtocolError closes the connection."""

    def writable_again(self) -> None: ...
    def lost(self) -> None: ...


class Connection(asyncio.Protocol):
    """`open_connections` holds it while it is open."""

    def __init__(self, open_connections: set[Connection], first_handler: Callable[[Connection], Handler]) -> None:
        self._open_connections = open_connections
        self._frames = codec.Frames(MAX_CONNECT_BYTES)
        self._output: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._idle_limit_s = CONNECT_WITHIN_S
        self._seen = time.monotonic()
        self.writable = True
        self._handler = first_handler(self)

    def __str__(self) -> str:
        return str(self._handler)

    @property
    def silent(self) -> bool:
        """For longer than its keep-alive allows."""
        return time.monotonic() - self._seen > self._idle_limit_s

    def hand_over(self, handler: Handler, keep_alive_s: int) -> None:
        """The client is accepted: from now on its packets go to another handler, and may be large."""
        self._handler = handler
        self._frames.limit = MAX_PACKET_BYTES
        self._idle_limit_s = keep_alive_s * GRACE if keep_alive_s else float("inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's TLS transport is none by inheritance
        self._socket = transport.get_extra_info("socket")
        self._open_connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_connections.discard(self)
        self._handler.lost()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._handler.writable_again()

    def data_received(self, data: bytes) -> None:
        self._seen = time.monotonic()
        self._acknowledge_quickly()
        try:
            for first, packet in self._frames.feed(data):
                if self._transport is None or self._transport.is_closing():
                    return
                self._handler.packet(first, packet)
        except ProtocolError as problem:
            log.warning("%s: closed: %s", self, problem)
            self.close()

    def send(self, packet: bytes) -> None:
        if not self._output:
            asyncio.get_running_loop().call_soon(self.flush)
        self._output.append(packet)

    def flush(self) -> None:
        output, self._output = self._output, []
        if output and self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(output))
            if (unread := self._transport.get_write_buffer_size()) > MAX_UNREAD_BYTES:
                log.warning("%s: cut off: it has left %d bytes unread", self, unread)
                self._transport.abort()

    def close(self) -> None:
        self.flush()
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _acknowledge_quickly(self) -> None:
        """paho leaves Nagle's algorithm on: its PUBACK and PUBLISH would wait 40 ms for our delayed acknowledgement."""
        if sys.platform == "linux" and self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
