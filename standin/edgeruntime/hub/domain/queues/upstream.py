"""What waits for the cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from standin.edgeruntime.hub.domain.messages.message import Message
from standin.edgeruntime.hub.domain.messages.reader import MessageReader
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.heads import read_upstream_head
from standin.edgeruntime.hub.domain.queues.queue import Item, Queue
from standin.edgeruntime.hub.domain.routing.routes import UPSTREAM
from standin.edgeruntime.hub.domain.store import Store


class UpstreamMessage(NamedTuple):
    """A message as the cloud gets it: its property bag, which the store keeps beside the body, is read already."""

    module: str
    system: dict[str, str]
    properties: dict[str, str]
    body: bytes


def upstream_message(message: Message) -> UpstreamMessage:
    return UpstreamMessage(message.module, message.system, message.properties, message.body)


class UpstreamQueue(Queue[UpstreamMessage]):
    """`filled` is called whenever something new waits."""

    def __init__(self, store: Store, metrics: Metrics, reader: MessageReader, *, filled: Callable[[], None]) -> None:
        super().__init__(UPSTREAM, store, metrics)
        self._reader = reader
        self._filled = filled

    def push(self, item: Item[UpstreamMessage]) -> None:
        super().push(item)
        self._filled()

    def _read(self, head: str, body: bytes) -> UpstreamMessage:
        return upstream_message(self._reader.read(*read_upstream_head(head), body))
