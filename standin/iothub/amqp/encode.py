"""AMQP 1.0 values to bytes, in the shortest encoding where the specification offers several.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html#section-encodings
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from standin.iothub.amqp.types import Array, Described, Int, Symbol, Timestamp, UByte, UInt, ULong, UShort

_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_I32 = struct.Struct(">i")
_I64 = struct.Struct(">q")
_DOUBLE = struct.Struct(">d")


def encode(value: Any) -> bytes:
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise TypeError(f"AMQP has no encoding for {type(value).__name__}")
    return encoder(value)


def described(code: int, *fields: Any) -> bytes:
    """A composite value: descriptor `code` and a list of exactly `fields`, nulls included (see performatives.py)."""
    return b"\x00\x53" + bytes((code,)) + _list(fields)


def _null(_: None) -> bytes:
    return b"\x40"


def _boolean(value: bool) -> bytes:
    return b"\x41" if value else b"\x42"


def _uint(value: int) -> bytes:
    if value == 0:
        return b"\x43"
    return bytes((0x52, value)) if value < 256 else b"\x70" + _U32.pack(value)


def _ulong(value: int) -> bytes:
    if value == 0:
        return b"\x44"
    return bytes((0x53, value)) if value < 256 else b"\x80" + _U64.pack(value)


def _int(value: int) -> bytes:
    return bytes((0x54, value & 255)) if -128 <= value < 128 else b"\x71" + _I32.pack(value)


def _long(value: int) -> bytes:
    return bytes((0x55, value & 255)) if -128 <= value < 128 else b"\x81" + _I64.pack(value)


def _variable(short: int, long: int, data: bytes) -> bytes:
    if len(data) < 256:
        return bytes((short, len(data))) + data
    return bytes((long,)) + _U32.pack(len(data)) + data


def _compound(short: int, long: int, count: int, body: bytes) -> bytes:
    # the size field counts the count field as well: one byte in the short form, four in the long one
    if len(body) < 255 and count < 256:
        return bytes((short, len(body) + 1, count)) + body
    return bytes((long,)) + _U32.pack(len(body) + 4) + _U32.pack(count) + body


def _list(values: Iterable[Any]) -> bytes:
    parts = [encode(value) for value in values]
    return _compound(0xC0, 0xD0, len(parts), b"".join(parts)) if parts else b"\x45"


def _map(value: dict[Any, Any]) -> bytes:
    parts = [encode(key) + encode(item) for key, item in value.items()]
    return _compound(0xC1, 0xD1, 2 * len(parts), b"".join(parts))


def _array(value: Array) -> bytes:
    constructor = b"\xb3" if value.items and isinstance(value.items[0], Symbol) else b"\xb1"
    texts = [item.encode() for item in value.items]
    body = constructor + b"".join(_U32.pack(len(text)) + text for text in texts)
    return b"\xf0" + _U32.pack(len(body) + 4) + _U32.pack(len(texts)) + body


def _described(value: Described) -> bytes:
    code = value.descriptor
    return b"\x00" + (encode(Symbol(code)) if isinstance(code, str) else _ulong(code)) + encode(value.value)


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    type(None): _null,
    bool: _boolean,
    UByte: lambda value: bytes((0x50, value)),
    UShort: lambda value: b"\x60" + _U16.pack(value),
    UInt: _uint,
    ULong: _ulong,
    Int: _int,
    int: _long,
    float: lambda value: b"\x82" + _DOUBLE.pack(value),
    Timestamp: lambda value: b"\x83" + _I64.pack(value),
    UUID: lambda value: b"\x98" + value.bytes,
    bytes: lambda value: _variable(0xA0, 0xB0, value),
    str: lambda value: _variable(0xA1, 0xB1, value.encode()),
    Symbol: lambda value: _variable(0xA3, 0xB3, value.encode("ascii")),
    list: _list,
    tuple: _list,
    dict: _map,
    Array: _array,
    Described: _described,
}
