"""What the edge runtime asks of an IoT Hub: the part of `standin.iothub` that it stands on and tests stand in for.

No other module here imports `standin.iothub`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from standin.iothub.events.message import D2CMessage
from standin.iothub.registry.identity import EDGE_AGENT_MODULE, EDGE_HUB_MODULE, MANAGED_BY, SYSTEM_MODULES, Identity

__all__ = [
    "EDGE_AGENT_MODULE",
    "EDGE_HUB_MODULE",
    "MANAGED_BY",
    "SYSTEM_MODULES",
    "D2CMessage",
    "Event",
    "Hub",
    "Hubs",
    "Identity",
    "Invocation",
    "Subscription",
    "Twin",
]


class Twin(Protocol):
    @property
    def desired(self) -> dict[str, Any]: ...
    @property
    def reported(self) -> dict[str, Any]: ...
    @property
    def tags(self) -> dict[str, Any]: ...


class Invocation(Protocol):
    name: str
    payload: Any
    response_timeout_s: int
    connect_timeout_s: int

    def respond(self, status: int, payload: Any) -> None: ...
    def fail(self, reason: Literal["offline", "timeout"]) -> None: ...


Event = (
    tuple[Literal["desired"], str | None, Twin] | tuple[Literal["identity"]] | tuple[Literal["method"], str | None, Any]
)


class Subscription(Protocol):
    async def get(self) -> Any:
        """The next Event; EOFError once closed."""

    def close(self) -> None: ...


class Hub(Protocol):
    @property
    def host(self) -> str: ...
    def modules(self, device: str) -> list[Identity]: ...
    def identity(self, device: str, module: str | None = None) -> Identity | None: ...
    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity: ...
    def remove_module(self, device: str, module: str) -> None: ...
    def twin(self, device: str, module: str | None = None) -> Twin: ...
    def report(self, device: str, module: str | None, patch: dict[str, Any]) -> int: ...

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        """Into the hub's event log: on disk when it returns, all or none. ServiceError."""

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        """Tells whether it is connected now: the hub's `connectionState`."""

    def subscribe(self, device: str) -> Subscription: ...
    def check_token(self, resource: str, token: str) -> bool: ...


class Hubs(Protocol):
    def get(self, host_name: str) -> Hub | None: ...
    def on_edge_device(self, callback: Callable[[Any, str], None]) -> None: ...
