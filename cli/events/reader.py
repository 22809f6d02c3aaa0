"""Device-to-cloud messages from the hub's built-in endpoint, over WebSocket: it passes firewalls and obeys HTTPS_PROXY.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
Entra cannot read this endpoint, so the key of the policy `service` is fetched from ARM; it stays in this process.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cli.errors import Failed, Refused
from cli.stack.outputs import Hub

POLICY = "service"
_REMEMBERED = 200_000
_CLOSE_SECONDS = 0.5
# The client hands messages on only once it has read as many frames as its prefetch, or nothing came for a second: with
# the default of 300, ten messages a second would arrive every half minute.
_PREFETCH = 3
_WAIT_SECONDS = 0.2
_ANNOTATIONS = {"device": b"iothub-connection-device-id", "module": b"iothub-connection-module-id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    namespace: str
    name: str
    consumer_group: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    id: str | None
    device: str | None
    module: str | None
    enqueued: datetime | None
    partition: str
    offset: int
    content_type: str | None
    properties: Mapping[str, Any]
    body: Any

    def as_json(self) -> dict[str, Any]:
        return {
            "messageId": self.id,
            "device": self.device,
            "module": self.module,
            "enqueued": self.enqueued.isoformat() if self.enqueued else None,
            "partition": self.partition,
            "sequence": self.offset,
            "contentType": self.content_type,
            "properties": dict(self.properties),
            "body": self.body,
        }


class Repeats:
    """Delivery is at least once: a message id that was seen before is a repeat."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.count = 0

    def is_new(self, message: Message) -> bool:
        if message.id is None:
            return True
        if message.id in self._seen:
            self.count += 1
            return False
        self._seen[message.id] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True


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


def endpoint_of(hub: Hub) -> Endpoint:
    """Asks ARM for the built-in endpoint and the `service` policy's key, with the signed-in identity."""
    from azure.core.exceptions import AzureError
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.iothub import IotHubClient

    subscription = os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")
    if not subscription:
        raise Refused("AZURE_SUBSCRIPTION_ID is not set; `az account show --query id` prints it")
    try:
        client: Any = IotHubClient(DefaultAzureCredential(), subscription)
        events = client.iot_hub_resource.get(hub.resource_group, hub.name).properties.event_hub_endpoints["events"]
        policy = client.iot_hub_resource.get_keys_for_key_name(hub.resource_group, hub.name, POLICY)
    except AzureError as error:
        raise Failed(f"hub {hub.name}: {' '.join(str(error).split())[:400]}") from error
    namespace = urlsplit(events.endpoint).hostname or ""
    return Endpoint(
        namespace=namespace, name=events.path, consumer_group=hub.consumer_group, key=str(policy.primary_key)
    )


class Reader:
    """Messages of all partitions as one iterator; `next(timeout)` so that a caller can keep its deadline."""

    def __init__(self, endpoint: Endpoint, start: tuple[Any, bool]) -> None:
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
            raise Failed(f"built-in endpoint: {' '.join(str(error).split())[:400]}") from error
        for partition in partitions:
            threading.Thread(target=self._receive, args=(partition,), daemon=True, name=f"events {partition}").start()
        return self

    def __exit__(self, *_: object) -> None:
        # The client's close waits for a read of a partition on which nothing comes, up to half a minute. Nobody needs
        # to: nothing was promised to the hub, and the connection ends with the process.
        closing = threading.Thread(target=self._client.close, daemon=True, name="close events")
        closing.start()
        closing.join(_CLOSE_SECONDS)

    def ends(self) -> dict[str, int]:
        """The last sequence number of each partition that holds messages."""
        found = {}
        for partition in self._client.get_partition_ids():
            properties = self._client.get_partition_properties(partition)
            if not properties["is_empty"]:
                found[partition] = int(properties["last_enqueued_sequence_number"])
        return found

    def next(self, timeout: float) -> Message | None:
        """None when the time is up."""
        try:
            found = self._queue.get(timeout=max(timeout, 0.0))
        except queue.Empty:
            return None
        if isinstance(found, Exception):
            raise Failed(f"built-in endpoint: {' '.join(str(found).split())[:400]}") from found
        return found

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


def message_of(partition: str, event: Any) -> Message:
    annotations: Mapping[Any, Any] = event.raw_amqp_message.annotations or {}
    found = {name: _text(annotations.get(key)) for name, key in _ANNOTATIONS.items()}
    properties = {_text(key) or "": _plain(value) for key, value in (event.properties or {}).items()}
    return Message(
        id=_text(event.message_id),
        device=found["device"],
        module=found["module"],
        enqueued=event.enqueued_time,
        partition=partition,
        offset=int(event.sequence_number or 0),
        content_type=_text(event.content_type),
        properties=properties,
        body=_body(event),
    )


def _body(event: Any) -> Any:
    raw = b"".join(_chunks(event.body))
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", errors="replace")


def _chunks(body: Any) -> Iterator[bytes]:
    if isinstance(body, bytes):
        yield body
    elif isinstance(body, str):
        yield body.encode()
    else:
        for chunk in body:
            yield bytes(chunk)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
