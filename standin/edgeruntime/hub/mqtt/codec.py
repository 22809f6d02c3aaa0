"""MQTT 3.1.1 packets, both ways, as pure functions of bytes.

http://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html#_Toc398718018
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

PINGRESP = b"\xd0\x00"
MAX_LENGTH_BYTES = 4


class ProtocolError(Exception):
    """The peer broke the protocol: the connection is closed, as the specification wants."""


class Kind(IntEnum):
    CONNECT = 1
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    UNSUBSCRIBE = 10
    PINGREQ = 12
    DISCONNECT = 14


class Refusal(IntEnum):
    ACCEPTED = 0
    PROTOCOL_VERSION = 1
    IDENTIFIER = 2
    UNAVAILABLE = 3
    BAD_CREDENTIALS = 4
    NOT_AUTHORIZED = 5


@dataclass(frozen=True, slots=True)
class Connect:
    client_id: str
    username: str
    password: str
    clean_session: bool
    keep_alive_s: int
    supported: bool
    """False: another protocol or version, to be refused with return code 1."""


@dataclass(frozen=True, slots=True)
class Publish:
    topic: str
    body: bytes
    qos: int
    packet_id: int


class Frames:
    """Cuts a stream of bytes into packets."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yields (first byte, rest) of each whole packet."""
        data = self._rest + data if self._rest else data
        self._rest, at, end = b"", 0, len(data)
        while True:
            start, length = _length(data, at + 1)
            if length > self.limit:
                raise ProtocolError(f"a packet of {length} bytes; allowed: {self.limit}")
            if start < 0 or end - start < length:
                self._rest = data[at:]
                return
            first, at = data[at], start + length
            yield first, data[start:at]


def _length(data: bytes, at: int) -> tuple[int, int]:
    """(where the packet begins, its length), or (-1, 0) where the length is not all there yet."""
    length, shift = 0, 0
    for index in range(at, min(len(data), at + MAX_LENGTH_BYTES)):
        byte = data[index]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            return index + 1, length
        shift += 7
    if len(data) - at >= MAX_LENGTH_BYTES:
        raise ProtocolError("a remaining length of more than four bytes")
    return -1, 0


def _number(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise ProtocolError("a packet ends too early")
    return data[at] << 8 | data[at + 1]


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + _number(data, at)
    if end > len(data):
        raise ProtocolError("a packet ends within a text")
    try:
        return data[at + 2 : end].decode(), end
    except UnicodeDecodeError as problem:
        raise ProtocolError("a text is not UTF-8") from problem


def read_connect(data: bytes) -> Connect:
    protocol, at = _text(data, 0)
    if at + 4 > len(data):
        raise ProtocolError("CONNECT ends too early")
    level, flags, keep_alive = data[at], data[at + 1], _number(data, at + 2)
    if (protocol, level) != ("MQTT", 4):
        return Connect("", "", "", True, keep_alive, supported=False)
    if flags & 0x01:
        raise ProtocolError("CONNECT with the reserved flag set")
    client_id, at = _text(data, at + 4)
    if flags & 0x04:  # a will: read over, IoT Hub has none for modules
        _, at = _text(data, at)
        at += 2 + _number(data, at)
    username, at = _text(data, at) if flags & 0x80 else ("", at)
    password, at = _text(data, at) if flags & 0x40 else ("", at)
    return Connect(client_id, username, password, bool(flags & 0x02), keep_alive, supported=True)


def read_publish(first: int, data: bytes) -> Publish:
    qos = first >> 1 & 3
    topic, at = _text(data, 0)
    if not qos:
        return Publish(topic, data[at:], 0, 0)
    return Publish(topic, data[at + 2 :], qos, _number(data, at))


def read_packet_id(data: bytes) -> int:
    return _number(data, 0)


def read_subscribe(data: bytes) -> tuple[int, list[tuple[str, int]]]:
    filters, at = [], 2
    while at < len(data):
        name, at = _text(data, at)
        if at >= len(data):
            raise ProtocolError("SUBSCRIBE without a quality of service")
        filters.append((name, data[at]))
        at += 1
    if not filters:
        raise ProtocolError("SUBSCRIBE without a filter")
    return _number(data, 0), filters


def read_unsubscribe(data: bytes) -> tuple[int, list[str]]:
    filters, at = [], 2
    while at < len(data):
        name, at = _text(data, at)
        filters.append(name)
    return _number(data, 0), filters


def connack(refusal: Refusal, *, session_present: bool = False) -> bytes:
    return bytes((0x20, 2, session_present, refusal))


def puback(packet_id: int) -> bytes:
    return b"\x40\x02" + packet_id.to_bytes(2)


def suback(packet_id: int, codes: Iterable[int]) -> bytes:
    granted = bytes(codes)
    return b"\x90" + _encode_length(2 + len(granted)) + packet_id.to_bytes(2) + granted


def unsuback(packet_id: int) -> bytes:
    return b"\xb0\x02" + packet_id.to_bytes(2)


def publish(topic: str, body: bytes, *, packet_id: int | None = None, again: bool = False) -> bytes:
    """Quality of service 1 with a packet id, else 0."""
    name = topic.encode()
    if packet_id is None:
        return b"".join((b"\x30", _encode_length(2 + len(name) + len(body)), len(name).to_bytes(2), name, body))
    first = b"\x3a" if again else b"\x32"
    length = _encode_length(4 + len(name) + len(body))
    return b"".join((first, length, len(name).to_bytes(2), name, packet_id.to_bytes(2), body))


def _encode_length(length: int) -> bytes:
    encoded = bytearray()
    while True:
        length, low = length >> 7, length & 0x7F
        encoded.append(low | 0x80 if length else low)
        if not length:
            return bytes(encoded)
