"""What a module and its edge hub hand each other, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.telemetry import CONTENT_TYPE


class ClientFailed(Exception):
    """The client could not do it now; trying again may help."""


class MessageRefused(Exception):
    """The client will never take this message, for its size for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    input_name: str
    body: bytes
    content_type: str | None = None
    """As the sender named it."""
    message_id: str | None = None
    correlation_id: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    acknowledge: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)
    """To be called when it was handled: until then the hub keeps it, and sends it again to the next connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    output_name: str
    body: bytes
    message_id: str
    content_type: str = CONTENT_TYPE
    correlation_id: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodAnswer:
    """The answer to a direct method: an HTTP status code, and what can be written as JSON."""

    status: int
    payload: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the hub may ask of a module. Each is called on the event loop on which the client was opened."""

    on_message: Callable[[Inbound], None]
    on_desired: Callable[[Mapping[str, Any]], None] | None = None
    """Takes a patch of the twin's desired properties."""
    on_method: Callable[[str], MethodAnswer] | None = None
    """Takes the direct method's name."""
