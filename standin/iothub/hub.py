"""One IoT Hub: what the REST handlers and the edge runtime ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from standin.iothub.events.message import D2CMessage
from standin.iothub.registry.identity import Identity


@dataclass(frozen=True, slots=True)
class Twin:
    """`desired` and `reported` are plain dicts with their `$version`; both are copies."""

    device: str
    module: str | None
    desired: dict[str, Any]
    reported: dict[str, Any]
    tags: dict[str, Any]
    version: int


class Invocation:
    """A direct method on its way to a device; `respond` answers the caller, once."""

    name: str
    payload: Any
    response_timeout_s: int

    def respond(self, status: int, payload: Any) -> None:
        raise NotImplementedError


DesiredEvent = tuple[Literal["desired"], str | None, Twin]
IdentityEvent = tuple[Literal["identity"]]
MethodEvent = tuple[Literal["method"], str | None, Invocation]
Event = DesiredEvent | IdentityEvent | MethodEvent


class Subscription:
    """What happens to one device and its modules, from the moment of subscribing; `async for event in subscription`."""

    def __aiter__(self) -> AsyncIterator[Event]:
        raise NotImplementedError

    async def get(self) -> Event:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class Hub:
    host: str

    def edge_devices(self) -> list[str]:
        raise NotImplementedError

    def modules(self, device: str) -> list[Identity]:
        raise NotImplementedError

    def identity(self, device: str, module: str | None = None) -> Identity | None:
        raise NotImplementedError

    def ensure_module(self, device: str, module: str, managed_by: str | None) -> Identity:
        raise NotImplementedError

    def remove_module(self, device: str, module: str) -> None:
        raise NotImplementedError

    def twin(self, device: str, module: str | None = None) -> Twin:
        raise NotImplementedError

    def report(self, device: str, module: str | None, patch: dict[str, Any]) -> int:
        raise NotImplementedError

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        raise NotImplementedError

    def connection(self, device: str, module: str | None, connected: bool) -> None:
        raise NotImplementedError

    def subscribe(self, device: str) -> Subscription:
        raise NotImplementedError

    def check_token(self, resource: str, token: str) -> bool:
        """Whether the SAS `token` covers `resource` (`<host>/devices/<d>[/modules/<m>]`), is signed with that identity's
        key (either one; a device's key covers its modules) and has not expired."""
        raise NotImplementedError
