"""AMQP 1.0 values that Python has no type of its own for.

An encoder must not guess: `5` may be a ubyte, a ushort, a uint, a ulong or a long, and Event Hubs clients check which.
A plain `int` is a long, a plain `str` a string.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Symbol(str):
    """ASCII text from a constrained domain: conditions, capabilities, annotation keys."""

    __slots__ = ()


class UByte(int):
    __slots__ = ()


class UShort(int):
    __slots__ = ()


class UInt(int):
    __slots__ = ()


class ULong(int):
    __slots__ = ()


class Int(int):
    __slots__ = ()


class Timestamp(int):
    """Milliseconds since 1970 in UTC."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Array:
    """Elements of one AMQP type: all `str` or all `Symbol`."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A value with its descriptor: a number for AMQP's own types, a symbol for a vendor's filter."""

    descriptor: int | str
    value: Any


class DecodeError(ValueError):
    """The peer's bytes are not AMQP 1.0."""
