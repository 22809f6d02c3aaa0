"""The peer's performatives, with every field's type checked.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-performatives
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from standin.iothub.amqp.types import DecodeError, Described

T = TypeVar("T")


class Fields:
    """A performative's list; the peer may leave out trailing fields."""

    def __init__(self, name: str, value: Any) -> None:
        if not isinstance(value, list):
            raise DecodeError(f"{name} is not a list")
        self._name = name
        self._values = value

    def any(self, index: int) -> Any:
        return self._values[index] if index < len(self._values) else None

    def get(self, index: int, kind: type[T], default: T) -> T:
        value = self.optional(index, kind)
        return default if value is None else value

    def optional(self, index: int, kind: type[T]) -> T | None:
        value = self.any(index)
        if value is None or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
            return value
        raise DecodeError(f"field {index} of {self._name} is {type(value).__name__}, not {kind.__name__}")

    def need(self, index: int, kind: type[T]) -> T:
        value = self.optional(index, kind)
        if value is None:
            raise DecodeError(f"field {index} of {self._name} is missing")
        return value


@dataclass(frozen=True, slots=True)
class Open:
    max_frame: int
    idle_ms: int


def open_(value: Any) -> Open:
    fields = Fields("open", value)
    max_frame = fields.get(2, int, 0xFFFFFFFF)
    if max_frame < 512:
        raise DecodeError(f"max-frame-size is {max_frame}, allowed are 512 and more")
    return Open(max_frame, fields.get(4, int, 0))


@dataclass(frozen=True, slots=True)
class Begin:
    next_outgoing: int
    incoming_window: int


def begin(value: Any) -> Begin:
    fields = Fields("begin", value)
    return Begin(fields.need(1, int), fields.need(2, int))


@dataclass(frozen=True, slots=True)
class Attach:
    """`receiver`: whether the *peer* receives. `address` is its source then, else its target."""

    name: str
    handle: int
    receiver: bool
    send_settle: int
    receive_settle: int
    source: Any
    target: Any
    source_address: str
    target_address: str
    selector: str | None
    desired: tuple[str, ...]
    properties: dict[str, Any]

    @property
    def address(self) -> str:
        return self.source_address if self.receiver else self.target_address


def attach(value: Any) -> Attach:
    fields = Fields("attach", value)
    source, target = fields.any(5), fields.any(6)
    return Attach(
        name=fields.need(0, str),
        handle=fields.need(1, int),
        receiver=fields.need(2, bool),
        send_settle=fields.get(3, int, 2),
        receive_settle=fields.get(4, int, 0),
        source=source,
        target=target,
        source_address=_address("source", source),
        target_address=_address("target", target),
        selector=_selector(source),
        desired=_names(fields.any(12)),
        properties={str(key): item for key, item in fields.get(13, dict, {}).items()},
    )


def _address(name: str, terminus: Any) -> str:
    if not isinstance(terminus, Described):
        return ""
    return Fields(name, terminus.value).get(0, str, "")


def _selector(source: Any) -> str | None:
    if not isinstance(source, Described):
        return None
    filters = Fields("source", source.value).get(7, dict, {})
    selector = filters.get("apache.org:selector-filter:string")
    text = selector.value if isinstance(selector, Described) else selector
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if text is not None and not isinstance(text, str):
        raise DecodeError(f"the selector filter is {type(text).__name__}, not text")
    return text


def _names(value: Any) -> tuple[str, ...]:
    """A capability is one symbol or an array of them."""
    return tuple(str(item) for item in (value if isinstance(value, list) else [value]) if item is not None)


@dataclass(frozen=True, slots=True)
class Flow:
    next_incoming: int
    incoming_window: int
    handle: int | None
    delivery_count: int
    credit: int
    drain: bool
    echo: bool


def flow(value: Any) -> Flow:
    fields = Fields("flow", value)
    return Flow(
        next_incoming=fields.get(0, int, 0),
        incoming_window=fields.need(1, int),
        handle=fields.optional(4, int),
        delivery_count=fields.get(5, int, 0),
        credit=fields.get(6, int, 0),
        drain=fields.get(8, bool, False),
        echo=fields.get(9, bool, False),
    )


@dataclass(frozen=True, slots=True)
class Transfer:
    handle: int
    delivery: int | None
    settled: bool
    more: bool
    aborted: bool


def transfer(value: Any) -> Transfer:
    fields = Fields("transfer", value)
    return Transfer(
        handle=fields.need(0, int),
        delivery=fields.optional(1, int),
        settled=fields.get(4, bool, False),
        more=fields.get(5, bool, False),
        aborted=fields.get(9, bool, False),
    )


@dataclass(frozen=True, slots=True)
class Detach:
    handle: int
    closed: bool


def detach(value: Any) -> Detach:
    fields = Fields("detach", value)
    return Detach(fields.need(0, int), fields.get(1, bool, False))


def sasl_mechanism(value: Any) -> str:
    return Fields("sasl-init", value).need(0, str)
