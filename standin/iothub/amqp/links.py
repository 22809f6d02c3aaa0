"""The links of a session: requests come in on one, answers and what else a node sends go out on others.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-links
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

from standin.iothub.amqp.errors import RESOURCE_LIMIT, AmqpError
from standin.iothub.amqp.received import Attach


class LinkSession(Protocol):
    """What a link asks of its session."""

    def may_send(self) -> bool: ...

    def send(self, handle: int, body: bytes, *, settled: bool) -> None: ...

    def expel(self, link: Link, error: AmqpError) -> None:
        """Ends the link from our side."""


class Link:
    """What the two directions share.

    `node` is the address that both ends of a request/answer pair name, `capabilities` those that the peer desired and
    gets.
    """

    def __init__(self, session: LinkSession, attach: Attach, node: str) -> None:
        self.session = session
        self.attach = attach
        self.handle = attach.handle
        self.name = attach.name
        self.node = node
        self.capabilities: tuple[str, ...] = ()

    def opened(self) -> None:
        """The attach has been answered."""

    def closed(self) -> None:
        """Detached by either side, or the session has ended."""

    def tick(self) -> None:
        """Every second or so."""


class RequestLink(Link):
    """The peer sends requests to a node."""

    CREDIT = 200

    def __init__(self, session: LinkSession, attach: Attach, node: str) -> None:
        super().__init__(session, attach, node)
        self.delivery_count = 0
        self.credit = 0
        self.delivery: int | None = None
        self.settled = False
        self.parts = bytearray()

    def granted(self) -> None:
        self.credit = self.CREDIT


class SendingLink(Link):
    """We send, as long as the peer gives credit."""

    def __init__(self, session: LinkSession, attach: Attach, node: str) -> None:
        super().__init__(session, attach, node)
        self.settled = attach.send_settle != 0
        self.delivery_count = 0
        self.credit = 0

    def take_credit(self, delivery_count: int, credit: int) -> None:
        self.credit = (delivery_count + credit - self.delivery_count) & 0xFFFFFFFF
        if self.credit > 0x7FFFFFFF:
            # the peer's count is behind ours by more than its credit: nothing to send
            self.credit = 0

    def drained(self) -> None:
        self.delivery_count = (self.delivery_count + self.credit) & 0xFFFFFFFF
        self.credit = 0

    def may_send(self) -> bool:
        return self.credit > 0 and self.session.may_send()

    def send(self, body: bytes) -> None:
        self.session.send(self.handle, body, settled=self.settled)
        self.delivery_count = (self.delivery_count + 1) & 0xFFFFFFFF
        self.credit -= 1

    def pump(self) -> None:
        """Sends what there is, while credit, window and the transport's buffer allow."""


class AnswerLink(SendingLink):
    """Answers to requests."""

    MOST_WAITING = 1000

    def __init__(self, session: LinkSession, attach: Attach, node: str) -> None:
        super().__init__(session, attach, node)
        self._waiting: deque[bytes] = deque()

    def answer(self, body: bytes) -> None:
        """Raises AmqpError where the peer asks on and takes no answers."""
        if len(self._waiting) >= self.MOST_WAITING:
            raise AmqpError(RESOURCE_LIMIT, f"More than {self.MOST_WAITING} answers wait for credit.")
        self._waiting.append(body)
        self.pump()

    def pump(self) -> None:
        while self._waiting and self.may_send():
            self.send(self._waiting.popleft())
