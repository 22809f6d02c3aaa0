"""One TCP connection: bytes to packets and back; what they mean is the broker's affair.

A protocol class, not streams: output is gathered per turn of the loop, so a burst of acknowledgements is one write.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
from typing import TYPE_CHECKING, cast

from standin.edgeruntime.hub.mqtt import codec
from standin.edgeruntime.hub.mqtt.codec import Kind, ProtocolError

if TYPE_CHECKING:
    from standin.edgeruntime.hub.mqtt.broker import Broker
    from standin.edgeruntime.hub.mqtt.client import Client

CONNECT_WITHIN_S = 20.0
GRACE = 1.5
MAX_CONNECT_BYTES = 8192
MAX_PACKET_BYTES = 262_144 + 8192

log = logging.getLogger("edgehub.mqtt")


class Connection(asyncio.Protocol):
    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._frames = codec.Frames(MAX_CONNECT_BYTES)
        self._output: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._idle_limit_s = CONNECT_WITHIN_S
        self._seen = time.monotonic()
        self.client: Client | None = None
        self.writable = True

    @property
    def expired(self) -> bool:
        return time.monotonic() - self._seen > self._idle_limit_s

    def accept(self, client: Client, keep_alive_s: int) -> None:
        self.client = client
        self._frames.limit = MAX_PACKET_BYTES
        self._idle_limit_s = keep_alive_s * GRACE if keep_alive_s else float("inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's TLS transport is none by inheritance
        self._socket = transport.get_extra_info("socket")
        self._broker.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._broker.connections.discard(self)
        self._broker.left(self)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self.client:
            self.client.queue.pump()

    def data_received(self, data: bytes) -> None:
        self._seen = time.monotonic()
        self._acknowledge_quickly()
        try:
            for first, packet in self._frames.feed(data):
                if self._transport is None or self._transport.is_closing():
                    return
                self._packet(first, packet)
        except ProtocolError as problem:
            log.warning("%s: closed: %s", self.client or "a client that has not connected", problem)
            self.close()

    def send(self, packet: bytes) -> None:
        if not self._output:
            asyncio.get_running_loop().call_soon(self.flush)
        self._output.append(packet)

    def deliver(self, topic: str, body: bytes, packet_id: int, again: bool) -> None:
        self.send(codec.publish(topic, body, packet_id=packet_id, again=again))

    def flush(self) -> None:
        output, self._output = self._output, []
        if output and self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(output))

    def close(self) -> None:
        self.flush()
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _packet(self, first: int, packet: bytes) -> None:
        kind = first >> 4
        if kind == Kind.CONNECT:
            if self.client:
                raise ProtocolError("a second CONNECT")
            return self._broker.connect(self, codec.read_connect(packet))
        client = self.client
        if client is None:
            raise ProtocolError("the first packet is not CONNECT")
        if kind == Kind.PUBLISH:
            client.published(codec.read_publish(first, packet))
        elif kind == Kind.PUBACK:
            client.queue.acknowledge(codec.read_packet_id(packet))
        elif kind == Kind.SUBSCRIBE:
            client.subscribe(*codec.read_subscribe(packet))
        elif kind == Kind.UNSUBSCRIBE:
            client.unsubscribe(*codec.read_unsubscribe(packet))
        elif kind == Kind.PINGREQ:
            self.send(codec.PINGRESP)
        elif kind == Kind.DISCONNECT:
            self.close()
        else:
            raise ProtocolError(f"a packet of type {kind}; quality of service 2 is not supported")
        return None

    def _acknowledge_quickly(self) -> None:
        """paho leaves Nagle's algorithm on: its PUBACK and PUBLISH would wait 40 ms for our delayed acknowledgement."""
        if sys.platform == "linux" and self._socket is not None:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
