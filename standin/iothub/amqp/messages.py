"""The sections of an AMQP 1.0 message.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-messaging-v1.0-os.html#section-message-format
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.iothub.amqp.decode import decode
from standin.iothub.amqp.encode import described, encode
from standin.iothub.amqp.types import DecodeError, Described, Symbol

_DELIVERY_ANNOTATIONS, _ANNOTATIONS, _PROPERTIES, _APPLICATION = 0x71, 0x72, 0x73, 0x74
_DATA, _VALUE = 0x75, 0x77

PROPERTY_FIELDS = (
    "message-id",
    "user-id",
    "to",
    "subject",
    "reply-to",
    "correlation-id",
    "content-type",
    "content-encoding",
    "absolute-expiry-time",
    "creation-time",
    "group-id",
    "group-sequence",
    "reply-to-group-id",
)
_SYMBOLS = frozenset({"content-type", "content-encoding"})


@dataclass(slots=True, kw_only=True)
class Message:
    annotations: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)
    data: bytes | None = None
    value: Any = None


def encode_message(message: Message) -> bytes:
    parts: list[bytes] = []
    if message.annotations:
        parts.append(_section(_ANNOTATIONS, _symbol_map(message.annotations)))
    if message.properties:
        parts.append(described(_PROPERTIES, *(_property(name, message.properties) for name in PROPERTY_FIELDS)))
    if message.application:
        parts.append(_section(_APPLICATION, message.application))
    body = (_DATA, message.data) if message.data is not None else (_VALUE, message.value)
    parts.append(_section(*body))
    return b"".join(parts)


def delivery_annotations(values: Mapping[str, Any]) -> bytes:
    """The section that goes in front of an encoded message: it differs from one delivery to the next."""
    return _section(_DELIVERY_ANNOTATIONS, _symbol_map(values))


def decode_message(data: bytes) -> Message:
    message = Message()
    index = 0
    while index < len(data):
        section, index = decode(data, index)
        if not isinstance(section, Described):
            raise DecodeError("a message is made of described sections")
        _take(message, section)
    return message


def _take(message: Message, section: Described) -> None:
    code, value = section.descriptor, section.value
    if code == _ANNOTATIONS:
        message.annotations = _a_map(value)
    elif code == _APPLICATION:
        message.application = _a_map(value)
    elif code == _PROPERTIES:
        if not isinstance(value, list):
            raise DecodeError("the properties section is a list")
        named = zip(PROPERTY_FIELDS, value, strict=False)
        message.properties = {name: item for name, item in named if item is not None}
    elif code == _DATA:
        if not isinstance(value, bytes):
            raise DecodeError("a data section is binary")
        message.data = (message.data or b"") + value
    elif code == _VALUE:
        message.value = value


def _a_map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DecodeError("this section is a map")
    return value


def _symbol_map(values: Mapping[str, Any]) -> dict[Symbol, Any]:
    return {Symbol(name): value for name, value in values.items()}


def _section(code: int, value: Any) -> bytes:
    return b"\x00\x53" + bytes((code,)) + encode(value)


def _property(name: str, properties: Mapping[str, Any]) -> Any:
    value = properties.get(name)
    if value is not None and name in _SYMBOLS:
        return Symbol(value)
    if isinstance(value, str) and name == "user-id":
        return value.encode()
    return value
