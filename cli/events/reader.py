"""Device-to-cloud messages from the hub's built-in endpoint, over WebSocket: it passes firewalls and obeys HTTPS_PROXY.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
"""

from __future__ import annotations

import os
import queue
import threading
from datetime import UTC, datetime
from typing import Any

from cli.errors import Failed, Refused
from cli.events.endpoint import POLICY, BuiltInEndpoint
from cli.events.message import Message, message_of
from cloud.wording import one_line

_CLOSE_SECONDS = 0.5
# The client hands messages on only once it has read as many frames as its prefetch, or nothing came for a second: with
# the default of 300, ten messages a second would arrive every half minute.
_PREFETCH = 3
_WAIT_SECONDS = 0.2


def starting_position(text: str) -> tuple[Any, bool]:
    """`latest`, `earliest`, or a time; and whether an event of exactly that time counts."""
    if text == "latest":
        return "@latest", False
    if text == "earliest":
        return "-1", False
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"--from {text!r} is refused; latest, earliest or a time such as 2026-11-21T12:00:00Z") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), True


class Reader:
    """Messages of all partitions, one after the other; `next(timeout)`, so that a caller can keep its deadline."""

    def __init__(self, endpoint: BuiltInEndpoint, start: tuple[Any, bool]) -> None:
        from azure.eventhub import EventHubConsumerClient, EventHubSharedKeyCredential, TransportType

        ca_file = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
        options: dict[str, Any] = {"connection_verify": ca_file} if ca_file else {}
        self._client = EventHubConsumerClient(
            endpoint.namespace,
            endpoint.name,
            endpoint.consumer_group,
            EventHubSharedKeyCredential(POLICY, endpoint.key),
            transport_type=TransportType.AmqpOverWebsocket,
            **options,
        )
        self._start = start
        self._queue: queue.Queue[Message | Exception] = queue.Queue(maxsize=10_000)

    def __enter__(self) -> Reader:
        from azure.eventhub.exceptions import EventHubError

        try:
            partitions = self._client.get_partition_ids()
        except EventHubError as error:
            raise Failed(f"built-in endpoint: {one_line(str(error), 400)}") from error
        for partition in partitions:
            threading.Thread(target=self._receive, args=(partition,), daemon=True, name=f"events {partition}").start()
        return self

    def __exit__(self, *_: object) -> None:
        # The client's close waits for a read of a partition on which nothing comes, up to half a minute. Nobody needs
        # to: nothing was promised to the hub, and the connection ends with the process (cli/__main__.py).
        closing = threading.Thread(target=self._client.close, daemon=True, name="close events")
        closing.start()
        closing.join(_CLOSE_SECONDS)

    def ends(self) -> dict[str, int]:
        """The last sequence number of each partition that holds messages."""
        last = {}
        for partition in self._client.get_partition_ids():
            properties = self._client.get_partition_properties(partition)
            if not properties["is_empty"]:
                last[partition] = int(properties["last_enqueued_sequence_number"])
        return last

    def next(self, timeout: float) -> Message | None:
        """The next message; None when nothing came within `timeout` seconds."""
        try:
            received = self._queue.get(timeout=max(timeout, 0.0))
        except queue.Empty:
            return None
        if isinstance(received, Exception):
            raise Failed(f"built-in endpoint: {one_line(str(received), 400)}") from received
        return received

    def _receive(self, partition: str) -> None:
        """A thread a partition: one thread for all would wait a second at each on which nothing comes."""
        position, inclusive = self._start
        try:
            self._client.receive_batch(
                partition_id=partition,
                on_event_batch=self._on_batch,
                on_error=self._on_error,
                max_wait_time=_WAIT_SECONDS,
                prefetch=_PREFETCH,
                starting_position=position,
                starting_position_inclusive=inclusive,
            )
        except Exception as error:  # the thread's only way to its user
            self._queue.put(error)

    def _on_batch(self, partition: Any, events: Any) -> None:
        for event in events:
            self._queue.put(message_of(partition.partition_id, event))

    def _on_error(self, partition: Any, error: Exception) -> None:
        # of one partition: the client connects again by itself. Without a partition it cannot go on.
        if partition is None:
            self._queue.put(error)
