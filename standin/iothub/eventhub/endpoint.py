"""A hub's Event Hub-compatible endpoint: what all of its clients share.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from standin.iothub.eventhub.client import Client
from standin.iothub.eventhub.grants import Keys
from standin.iothub.eventhub.management import Management
from standin.iothub.eventhub.readers import Readers
from standin.iothub.events.log import EventLog
from standin.iothub.kernel.hub_record import SERVICE, HubRecord


class Endpoint:
    """`keys(policy)` gives the keys of a policy that may read (ServiceConnect), or none; `groups()` the consumer groups
    in lower case."""

    def __init__(
        self, name: str, *, log: EventLog, created: datetime, keys: Keys, groups: Callable[[], set[str]]
    ) -> None:
        self._name = name
        self._keys = keys
        self._readers = Readers(name, log, groups)
        self._management = Management(name, log, created)
        self._stop = log.listen(self._readers.appended)

    def client(self) -> Client:
        """For a new connection."""
        return Client(self._name, self._keys, self._readers, self._management)

    def close(self) -> None:
        self._stop()
        self._readers.close()


def endpoint_of(log: EventLog, record: Callable[[], HubRecord]) -> Endpoint:
    """`record()` gives the hub's keys and consumer groups as they are now."""
    hub = record()
    return Endpoint(
        hub.name,
        log=log,
        created=datetime.fromisoformat(hub.created),
        keys=lambda policy: record().policy_keys(policy, SERVICE),
        groups=lambda: record().consumer_groups,
    )
