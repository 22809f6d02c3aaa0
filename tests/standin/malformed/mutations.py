"""Bytes that somebody broke: mutations of valid ones, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

_ODD = (
    b"",
    b"\x00",
    b"\xff",
    b"\xff\xff",
    b"\xff" * 8,
    b"\x80" * 5,
    b"..",
    b"/",
    b"\xc2\xb2",
    b"\xed\xa0\x80",
    b"9" * 5000,
)
_DEEP = (b"[" * 20_000, b'{"a":' * 20_000)


def mutated(chance: random.Random, valid: Sequence[bytes]) -> bytes:
    """One of them, broken in one to four places."""
    data = chance.choice(valid)
    for _ in range(chance.randrange(1, 5)):
        data = _broken(chance, data, chance.choice(valid))
    return data


def _broken(chance: random.Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randrange(1, 9))
    match chance.randrange(7):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[end:]
        case 2:
            return data[:at] + chance.choice(_ODD if chance.random() < 0.98 else _DEEP) + data[at:]
        case 3:
            return data[:at] + chance.randbytes(end - at) + data[end:]
        case 4:
            return data[:at] + other[chance.randrange(len(other) + 1) :]
        case 5:
            return data[:at] + data[at:end] * chance.randrange(2, 40) + data[end:]
        case _:
            flipped = bytearray(data)
            if flipped:
                flipped[at % len(flipped)] ^= 1 << chance.randrange(8)
            return bytes(flipped)
