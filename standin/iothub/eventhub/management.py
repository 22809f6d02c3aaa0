"""What `$management` answers: the partitions of the Event Hub, and how far each of them goes.

https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standin.iothub.amqp.errors import NOT_IMPLEMENTED, AmqpError
from standin.iothub.amqp.types import Array, Int, Timestamp
from standin.iothub.eventhub.addresses import partition_number
from standin.iothub.eventhub.errors import not_found
from standin.iothub.events.log import EventLog


class Management:
    def __init__(self, name: str, log: EventLog, created: datetime) -> None:
        self._name = name
        self._log = log
        self._created = created

    def read(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """`asked`: the request's application properties. Raises AmqpError."""
        if asked.get("operation") != "READ":
            raise AmqpError(NOT_IMPLEMENTED, f"operation {asked.get('operation')!r}")
        name, kind = str(asked.get("name") or ""), asked.get("type")
        if name.lower() != self._name.lower():
            raise not_found(name)
        if kind == "com.microsoft:eventhub":
            return self._hub(kind)
        if kind == "com.microsoft:partition":
            return self._partition(kind, str(asked.get("partition")))
        raise AmqpError(NOT_IMPLEMENTED, f"type {kind!r}")

    def _hub(self, kind: str) -> dict[str, Any]:
        return {
            "name": self._name,
            "type": kind,
            "created_at": Timestamp(self._created.timestamp() * 1000),
            # an integer, as clients of Go and Node read it: more than 1 where the namespace is replicated
            "georeplication_factor": Int(1),
            "partition_count": Int(self._log.partitions),
            "partition_ids": Array(tuple(str(number) for number in range(self._log.partitions))),
        }

    def _partition(self, kind: str, partition: str) -> dict[str, Any]:
        state = self._log.state(partition_number(partition, self._log.partitions))
        return {
            "name": self._name,
            "type": kind,
            "partition": partition,
            "begin_sequence_number": state.first_sequence,
            "last_enqueued_sequence_number": state.last_sequence,
            "last_enqueued_offset": state.last_offset,
            "last_enqueued_time_utc": Timestamp(state.last_enqueued_ms),
            "is_partition_empty": state.empty,
        }
