"""What a connection attaches its peer to.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-overview-v1.0-os.html#section-conceptual-model
"""

from __future__ import annotations

from typing import Protocol

from standin.iothub.amqp.links import Link, LinkSession
from standin.iothub.amqp.messages import Message
from standin.iothub.amqp.received import Attach


class Container(Protocol):
    """Named nodes. One for each connection: what a peer may do is its own."""

    @property
    def name(self) -> str: ...

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """SASL mechanisms that are offered and taken."""

    def link(self, session: LinkSession, attach: Attach) -> Link:
        """The link that answers an attach; raises AmqpError where it is refused."""

    def request(self, node: str, message: Message) -> Message:
        """The answer to what came in on a RequestLink."""
