"""AMQP 1.0 frames: cut from the peer's bytes, and made for it.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-framing
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from standin.iothub.amqp.errors import FRAMING_ERROR, AmqpError

SASL_HEADER = b"AMQP\x03\x01\x00\x00"
AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
AMQP, SASL = 0, 1
# What we announce in open; nothing larger comes from a peer that listens.
MAX_FRAME = 65536
HEARTBEAT = b"\x00\x00\x00\x08\x02\x00\x00\x00"

_HEAD = struct.Struct(">IBBH")


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    channel: int
    body: bytes


def frame(channel: int, performative: bytes, payload: bytes = b"", *, kind: int = AMQP) -> bytes:
    head = _HEAD.pack(8 + len(performative) + len(payload), 2, kind, channel)
    return b"".join((head, performative, payload))


class Splitter:
    """Bytes in, protocol headers and frames out, however the transport cuts them."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def header(self) -> bytes | None:
        return self._cut(8) if len(self._buffer) >= 8 else None

    def frame(self) -> Frame | None:
        """The next whole frame; heartbeats (frames without a body) come out too."""
        if len(self._buffer) < 8:
            return None
        size, offset, kind, channel = _HEAD.unpack_from(self._buffer)
        if not 8 <= size <= MAX_FRAME or not 8 <= offset * 4 <= size:
            raise AmqpError(FRAMING_ERROR, f"A frame of {size} bytes whose body starts at {offset * 4}")
        if len(self._buffer) < size:
            return None
        return Frame(kind, channel, self._cut(size)[offset * 4 :])

    def _cut(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
