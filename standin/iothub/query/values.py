"""The value that a missing property has in IoT Hub's query language: neither null nor false."""

from __future__ import annotations

from typing import Final


class Undefined:
    """Its one instance is UNDEFINED."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined()
