"""Readers of partitions: where each stands, and who may read beside whom.

https://learn.microsoft.com/azure/event-hubs/event-hubs-features#event-consumers
"""

from __future__ import annotations

from collections.abc import Callable

from standin.iothub.amqp.errors import INVALID_FIELD, RESOURCE_LIMIT, STOLEN, UNAUTHORIZED, AmqpError
from standin.iothub.amqp.links import LinkSession, SendingLink
from standin.iothub.amqp.messages import delivery_annotations
from standin.iothub.amqp.received import Attach
from standin.iothub.amqp.types import Timestamp
from standin.iothub.eventhub.addresses import consumer_address, partition_number
from standin.iothub.eventhub.errors import not_found
from standin.iothub.eventhub.selector import SelectorError, start
from standin.iothub.events.log import EventLog

RUNTIME_METRIC = "com.microsoft:enable-receiver-runtime-metric"
_EPOCH = "com.microsoft:epoch"
# How many messages are read from the log at a time.
_CHUNK = 100
_READERS_LIMIT = 5


class Readers:
    """All readers of an Event Hub. `groups()` gives the consumer groups in lower case."""

    def __init__(self, name: str, log: EventLog, groups: Callable[[], set[str]]) -> None:
        self._name = name
        self._log = log
        self._groups = groups
        self._by_partition: dict[int, set[ReaderLink]] = {number: set() for number in range(log.partitions)}

    def link(self, session: LinkSession, attach: Attach, path: str, allowed: Callable[[], bool]) -> ReaderLink:
        """The link that answers an attach to `path`; raises AmqpError. `allowed`: whether the client still may."""
        group, partition = self._consumer(path)
        reader = ReaderLink(session, attach, self, self._log, allowed, group, partition)
        self._claim(reader)
        return reader

    def _consumer(self, path: str) -> tuple[str, int]:
        address = consumer_address(path)
        if address is None or address.hub.lower() != self._name.lower():
            raise not_found(path)
        if address.group.lower() not in self._groups():
            raise not_found(f"{self._name}:{address.group}")
        return address.group.lower(), partition_number(address.partition, self._log.partitions)

    def _claim(self, reader: ReaderLink) -> None:
        """Owner level (epoch): the higher one steals, the lower one is refused; five readers at most without."""
        others = [other for other in self._by_partition[reader.partition] if other.group == reader.group]
        highest = max((other.epoch for other in others if other.epoch is not None), default=None)
        if highest is not None and (reader.epoch is None or reader.epoch < highest):
            text = (
                f"Receiver '{reader.name}' with a higher epoch '{highest}' already exists. "
                f"Receiver '{reader.name}' with epoch {reader.epoch or 0} cannot be created."
            )
            raise AmqpError(STOLEN, text)
        if reader.epoch is not None:
            _expel(others, reader)
        elif len(others) >= _READERS_LIMIT:
            text = f"Exceeded the maximum number of allowed receivers per partition which is {_READERS_LIMIT}."
            raise AmqpError(RESOURCE_LIMIT, text)

    def add(self, reader: ReaderLink) -> None:
        self._by_partition[reader.partition].add(reader)

    def discard(self, reader: ReaderLink) -> None:
        self._by_partition[reader.partition].discard(reader)

    def appended(self, partition: int) -> None:
        for reader in list(self._by_partition[partition]):
            reader.pump()

    def close(self) -> None:
        """The Event Hub is gone, and its readers with it."""
        gone = not_found(self._name)
        for reader in [reader for readers in self._by_partition.values() for reader in readers]:
            reader.session.expel(reader, gone)


def _expel(others: list[ReaderLink], reader: ReaderLink) -> None:
    for other in others:
        text = (
            f"New receiver '{reader.name}' with higher epoch of '{reader.epoch}' is created hence current receiver "
            f"'{other.name}' with epoch '{other.epoch or 0}' is getting disconnected."
        )
        other.session.expel(other, AmqpError(STOLEN, text))


class ReaderLink(SendingLink):
    """Follows one partition on behalf of one consumer group."""

    def __init__(
        self,
        session: LinkSession,
        attach: Attach,
        readers: Readers,
        log: EventLog,
        allowed: Callable[[], bool],
        group: str,
        partition: int,
    ) -> None:
        super().__init__(session, attach, attach.source_address)
        self.group = group
        self.partition = partition
        epoch = attach.properties.get(_EPOCH)
        self.epoch: int | None = int(epoch) if isinstance(epoch, int) else None
        self._wants_metric = RUNTIME_METRIC in attach.desired
        self.capabilities = attach.desired if self._wants_metric else ()
        self._readers = readers
        self._log = log
        self._allowed = allowed
        self._position = _position(log, partition, attach.selector)

    def opened(self) -> None:
        self._readers.add(self)

    def closed(self) -> None:
        self._readers.discard(self)

    def tick(self) -> None:
        """Ends with the token, unless that was renewed."""
        if not self._allowed():
            self.session.expel(self, AmqpError(UNAUTHORIZED, "ExpiredToken: The token is expired."))

    def pump(self) -> None:
        while self.may_send():
            first, bodies = self._log.read(self.partition, self._position, min(_CHUNK, self.credit))
            if not bodies:
                return
            metric = self._metric() if self._wants_metric else b""
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


def _position(log: EventLog, partition: int, selector: str | None) -> int:
    try:
        return start(log, partition, selector)
    except SelectorError as error:
        raise AmqpError(INVALID_FIELD, str(error)) from error
