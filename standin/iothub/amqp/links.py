"""The links of a session: requests come in on one, answers and events go out on others.

https://docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html#section-links
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from standin.iothub.amqp.messages import delivery_annotations
from standin.iothub.amqp.received import Attach
from standin.iothub.amqp.types import Timestamp
from standin.iothub.events.log import EventLog

if TYPE_CHECKING:
    from standin.iothub.amqp.session import Session

RUNTIME_METRIC = "com.microsoft:enable-receiver-runtime-metric"
# How many messages are read from the log at a time.
_CHUNK = 100


class Link:
    """What the two directions share. `node` is the address that both ends of a request/answer pair name."""

    def __init__(self, session: Session, attach: Attach, node: str) -> None:
        self.session = session
        self.attach = attach
        self.handle = attach.handle
        self.name = attach.name
        self.node = node


class RequestLink(Link):
    """The peer sends requests to `$cbs` or `$management`."""

    CREDIT = 200

    def __init__(self, session: Session, attach: Attach, node: str) -> None:
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

    def __init__(self, session: Session, attach: Attach, node: str) -> None:
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

    def __init__(self, session: Session, attach: Attach, node: str) -> None:
        super().__init__(session, attach, node)
        self._waiting: deque[bytes] = deque()

    def answer(self, body: bytes) -> None:
        self._waiting.append(body)
        self.pump()

    def pump(self) -> None:
        while self._waiting and self.may_send():
            self.send(self._waiting.popleft())


class ReaderLink(SendingLink):
    """Follows one partition on behalf of one consumer group."""

    def __init__(
        self, session: Session, attach: Attach, *, log: EventLog, group: str, partition: int, position: int
    ) -> None:
        super().__init__(session, attach, attach.source_address)
        self.group = group
        self.partition = partition
        epoch = attach.properties.get("com.microsoft:epoch")
        self.epoch: int | None = int(epoch) if isinstance(epoch, int) else None
        self.wants_metric = RUNTIME_METRIC in attach.desired
        self._log = log
        self._position = position

    def pump(self) -> None:
        while self.may_send():
            first, bodies = self._log.read(self.partition, self._position, min(_CHUNK, self.credit))
            if not bodies:
                return
            metric = self._metric() if self.wants_metric else b""
            for index, body in enumerate(bodies):
                if not self.may_send():
                    break
                self.send(metric + body)
                self._position = first + index + 1

    def _metric(self) -> bytes:
        """What track_last_enqueued_event_properties asks for."""
        state = self._log.state(self.partition)
        return delivery_annotations(
            {
                "last_enqueued_sequence_number": state.last_sequence,
                "last_enqueued_offset": state.last_offset,
                "last_enqueued_time_utc": Timestamp(state.last_enqueued_ms),
                "runtime_info_retrieval_time_utc": Timestamp(self._log.now_ms()),
            }
        )
