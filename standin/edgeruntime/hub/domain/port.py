"""What a protocol for modules and the hub ask of each other.

A protocol is a folder beside `domain/`, such as `mqtt/`: it knows of the hub what stands here, the hub nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from standin.edgeruntime.hub.domain.queues.inbox import Consumer, Inbox

MAX_MODULES = 100


class ModuleConnection(Consumer, Protocol):
    """One connected module, and what it can be told; it gets messages as the `Consumer` of its inbox.

    `str(connection)` names it in the log.
    """

    @property
    def takes_methods(self) -> bool: ...

    def call_method(self, request_id: str, name: str, body: bytes) -> None:
        """`body` is JSON; the answer comes by `HubPort.answer_method`."""

    def desired_changed(self, patch: dict[str, Any], version: int) -> None: ...

    def close(self) -> None: ...


class HubPort(Protocol):
    @property
    def full(self) -> bool:
        """`MAX_MODULES` are connected; one more is to be refused."""

    def authenticate(self, module: str, token: str) -> float:
        """When the SAS token expires, in seconds since 1970; Unauthorized."""

    def refused(self, client: str, reason: str) -> None:
        """Tells the log and the metrics of a client that may not connect."""

    def connected(self, module: str, connection: ModuleConnection, *, token_expires: float) -> None:
        """An older connection of the module is closed, and its inbox is given back."""

    def disconnected(self, module: str, connection: ModuleConnection) -> None:
        """Nothing happens where another connection has taken over."""

    def inbox(self, module: str) -> Inbox:
        """What waits for the module; it exists while nobody is connected, too."""

    def publish(self, module: str, bag: str, body: bytes) -> Sequence[Inbox]:
        """Routes a message; `bag` holds its properties (`messages/property_bag.py`). MessageTooLarge.

        Returns the inboxes that it goes to: where one of them is congested once the message is stored, the sender is
        to get its acknowledgement when that is relieved.
        """

    def twin(self, module: str) -> dict[str, dict[str, Any]] | None:
        """{desired, reported}; None before the first synchronization."""

    def report(self, module: str, patch: Any) -> int:
        """The new version of the reported properties; Refused."""

    def answer_method(self, module: str, request_id: str, status: int, body: bytes) -> None:
        """An answer that nobody waits for is dropped."""

    def when_stored(self, call: Callable[[], None]) -> None:
        """Calls back once all that was published and reported before is durable."""


class ModuleProtocol(Protocol):
    """A protocol's life; `edge_hub.py` has the list of them."""

    async def listen(self) -> None: ...
    def stop_listening(self) -> None: ...

    def close_silent(self) -> None:
        """Called every second: closes connections whose client has gone without a word."""

    def close(self) -> None:
        """Closes all connections."""
