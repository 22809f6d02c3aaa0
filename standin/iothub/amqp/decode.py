"""Bytes to AMQP 1.0 values. Every length is checked: the peer is not trusted.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html#section-encodings
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from standin.iothub.amqp.types import DecodeError, Described, Symbol, Timestamp, UByte, UInt, ULong, UShort

# Nested lists cost a stack frame each; nothing that Event Hubs clients send is deeper than a handful.
_DEPTH_LIMIT = 32


def _unpack(layout: str) -> Callable[[bytes], Any]:
    unpack = struct.Struct(layout).unpack
    return lambda data: unpack(data)[0]


def _unsigned(kind: type[int], layout: str) -> Callable[[bytes], Any]:
    unpack = struct.Struct(layout).unpack
    return lambda data: kind(unpack(data)[0])


# format code -> (width, what to make of the bytes)
_FIXED: dict[int, tuple[int, Callable[[bytes], Any]]] = {
    0x40: (0, lambda _: None),
    0x41: (0, lambda _: True),
    0x42: (0, lambda _: False),
    0x43: (0, lambda _: UInt(0)),
    0x44: (0, lambda _: ULong(0)),
    0x45: (0, lambda _: []),
    0x50: (1, lambda data: UByte(data[0])),
    0x51: (1, _unpack(">b")),
    0x52: (1, lambda data: UInt(data[0])),
    0x53: (1, lambda data: ULong(data[0])),
    0x54: (1, _unpack(">b")),
    0x55: (1, _unpack(">b")),
    0x56: (1, lambda data: data[0] == 1),
    0x60: (2, _unsigned(UShort, ">H")),
    0x61: (2, _unpack(">h")),
    0x70: (4, _unsigned(UInt, ">I")),
    0x71: (4, _unpack(">i")),
    0x72: (4, _unpack(">f")),
    0x73: (4, lambda data: _character(data)),
    0x74: (4, bytes),
    0x80: (8, _unsigned(ULong, ">Q")),
    0x81: (8, _unpack(">q")),
    0x82: (8, _unpack(">d")),
    0x83: (8, lambda data: Timestamp(struct.unpack(">q", data)[0])),
    0x84: (8, bytes),
    0x94: (16, bytes),
    0x98: (16, lambda data: UUID(bytes=data)),
}


def _character(data: bytes) -> str:
    try:
        return data.decode("utf-32-be")
    except UnicodeDecodeError as error:
        raise DecodeError(f"not a character: {error}") from error


def decode(data: bytes, start: int = 0) -> tuple[Any, int]:
    """-> (value, index of the byte after it)."""
    decoder = _Decoder(data)
    return decoder.value(start, 0)


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def _take(self, start: int, length: int) -> bytes:
        end = start + length
        if end > len(self._data):
            raise DecodeError(f"truncated: {length} bytes wanted at {start}, {len(self._data) - start} there")
        return self._data[start:end]

    def value(self, start: int, depth: int) -> tuple[Any, int]:
        code = self._take(start, 1)[0]
        if code != 0:
            return self._of(code, start + 1, depth)
        if depth > _DEPTH_LIMIT:
            raise DecodeError("nested too deeply")
        descriptor, index = self.value(start + 1, depth + 1)
        if not isinstance(descriptor, (int, str)) or isinstance(descriptor, bool):
            raise DecodeError(f"a descriptor is a ulong or a symbol, not {type(descriptor).__name__}")
        inner, index = self.value(index, depth + 1)
        return Described(int(descriptor) if isinstance(descriptor, int) else str(descriptor), inner), index

    def _of(self, code: int, start: int, depth: int) -> tuple[Any, int]:
        fixed = _FIXED.get(code)
        if fixed is not None:
            width, convert = fixed
            return convert(self._take(start, width)), start + width
        family = code & 0xF0
        if family in (0xA0, 0xB0):
            return self._variable(code, start)
        if family in (0xC0, 0xD0, 0xE0, 0xF0):
            return self._compound(code, start, depth)
        raise DecodeError(f"unknown format code {code:#04x}")

    def _number(self, start: int, wide: bool) -> tuple[int, int]:
        width = 4 if wide else 1
        return int.from_bytes(self._take(start, width), "big"), start + width

    def _variable(self, code: int, start: int) -> tuple[Any, int]:
        length, index = self._number(start, code & 0xF0 == 0xB0)
        data = self._take(index, length)
        kind = code & 0x0F
        try:
            if kind == 0x00:
                return data, index + length
            if kind == 0x01:
                return data.decode("utf-8"), index + length
            if kind == 0x03:
                return Symbol(data.decode("ascii")), index + length
        except UnicodeDecodeError as error:
            raise DecodeError(f"not text: {error}") from error
        raise DecodeError(f"unknown format code {code:#04x}")

    def _compound(self, code: int, start: int, depth: int) -> tuple[Any, int]:
        if depth > _DEPTH_LIMIT:
            raise DecodeError("nested too deeply")
        wide = code & 0xF0 in (0xD0, 0xF0)
        size, body = self._number(start, wide)
        end = body + size
        if end > len(self._data):
            raise DecodeError(f"truncated: a compound of {size} bytes at {body} ends after the frame")
        count, index = self._number(body, wide)
        if code in (0xE0, 0xF0):
            return self._elements(count, index, end, depth), end
        if code not in (0xC0, 0xD0, 0xC1, 0xD1):
            raise DecodeError(f"unknown format code {code:#04x}")
        items: list[Any] = []
        for _ in range(count):
            item, index = self.value(index, depth + 1)
            items.append(item)
        if index > end:
            raise DecodeError("a compound's items are longer than its size")
        if code & 0x0F == 0x00:
            return items, end
        return _pairs(items), end

    def _elements(self, count: int, index: int, end: int, depth: int) -> list[Any]:
        """An array: one constructor for all elements."""
        descriptor: Any = None
        code = self._take(index, 1)[0]
        index += 1
        if code == 0:
            descriptor, index = self.value(index, depth + 1)
            code = self._take(index, 1)[0]
            index += 1
        # zero-width elements (null, true, ...) would let a tiny frame ask for four thousand million of them
        if count > max(end - index, 0):
            raise DecodeError(f"an array of {count} elements in {end - index} bytes")
        items: list[Any] = []
        for _ in range(count):
            item, index = self._of(code, index, depth + 1)
            items.append(item if descriptor is None else Described(descriptor, item))
        if index > end:
            raise DecodeError("an array's elements are longer than its size")
        return items


def _pairs(items: list[Any]) -> dict[Any, Any]:
    if len(items) % 2:
        raise DecodeError("a map with a key but no value")
    try:
        return dict(zip(items[::2], items[1::2], strict=True))
    except TypeError as error:
        raise DecodeError(f"not a map key: {error}") from error
