"""A consumer that lags holds acknowledgements back, from the same message on however the store groups messages."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import input_head
from standin.edgeruntime.hub.domain.queues.inbox import CONGESTED, IN_FLIGHT, RELIEVED, Inbox, InputMessage
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.mqtt import codec
from standin.edgeruntime.hub.mqtt.acknowledgements import Acknowledgements

BOUND = CONGESTED + IN_FLIGHT
BURST = BOUND + 500


class Consumer:
    writable = True

    def __init__(self) -> None:
        self.delivered: list[int] = []

    def deliver(self, message: InputMessage, delivery_id: int, *, again: bool) -> None:
        self.delivered.append(delivery_id)


class Burst:
    """A sender's messages on their way into the inbox of a module that is connected and acknowledges nothing."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.inbox = Inbox("m", store, Metrics())
        self.consumer = Consumer()
        self.inbox.attach(self.consumer)
        self.inbox.set_live(self.consumer, True)
        self.sent: list[bytes] = []
        self._acknowledgements = Acknowledgements(self.sent.append)

    async def publish(self, packet_ids: range) -> None:
        """In one transaction."""
        before = self.store.commits
        for packet_id in packet_ids:
            self._publish(packet_id)
        await self.store.flushed()
        assert self.store.commits == before + 1

    def _publish(self, packet_id: int) -> None:
        message = InputMessage("i", "", b"x")
        item = self.inbox.stored(message, input_head("d", "m", "i", ""), priority=0, expires=time.time() + 3600)
        self.store.then(lambda: self.inbox.arrived(item))
        self.store.then(lambda: self._acknowledgements.due(packet_id, [self.inbox]))

    def consume_until(self, waiting: int) -> None:
        acknowledged = 0
        while len(self.inbox) - IN_FLIGHT >= waiting:
            self.inbox.acknowledge(self.consumer.delivered[acknowledged])
            acknowledged += 1


@pytest.fixture
async def burst(tmp_path: Path) -> AsyncIterator[Burst]:
    store = Store(tmp_path / "s.db")
    yield Burst(store)
    await store.close()


def acknowledgements(count: int) -> list[bytes]:
    return [codec.puback(packet_id) for packet_id in range(1, count + 1)]


@pytest.mark.parametrize("in_a_transaction", [BURST, 1000, 37])
async def test_the_bound_is_the_same_however_many_messages_one_transaction_holds(
    burst: Burst, in_a_transaction: int
) -> None:
    for first in range(1, BURST + 1, in_a_transaction):
        await burst.publish(range(first, min(first + in_a_transaction, BURST + 1)))
    assert burst.sent == acknowledgements(BOUND)
    assert len(burst.inbox) == BURST


async def test_a_consumer_that_catches_up_frees_all_that_is_owed_in_order(burst: Burst) -> None:
    await burst.publish(range(1, BURST + 1))
    burst.consume_until(RELIEVED + 1)
    assert len(burst.sent) == BOUND
    burst.consume_until(RELIEVED)
    assert burst.sent == acknowledgements(BURST)


async def test_a_consumer_that_goes_frees_all_that_is_owed_and_nothing_is_bounded_then(burst: Burst) -> None:
    await burst.publish(range(1, BURST + 1))
    burst.inbox.detach()
    await burst.publish(range(BURST + 1, BURST + BURST + 1))
    assert burst.sent == acknowledgements(2 * BURST)
    assert len(burst.inbox) == 2 * BURST


async def test_a_consumer_that_goes_before_the_burst_is_stored_holds_nobody(burst: Burst) -> None:
    burst.store.then(burst.inbox.detach)
    await burst.publish(range(1, BURST + 1))
    assert burst.sent == acknowledgements(BURST)
