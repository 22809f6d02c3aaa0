"""The addresses of an Event Hub: what clients attach to, and what their tokens are for.

https://learn.microsoft.com/azure/event-hubs/event-hubs-amqp-protocol-guide
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from standin.core.numbers import whole_number
from standin.iothub.eventhub.errors import no_such_partition

CBS, MANAGEMENT = "$cbs", "$management"
_CONSUMER = re.compile(r"([^/]+)/consumergroups/([^/]+)/partitions/([^/]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ConsumerAddress:
    """As the client spelt it: names are compared without case, and `partition` need not be one."""

    hub: str
    group: str
    partition: str


def consumer_address(path: str) -> ConsumerAddress | None:
    match = _CONSUMER.fullmatch(path)
    return ConsumerAddress(*match.groups()) if match is not None else None


def partition_number(text: str, count: int) -> int:
    """Raises AmqpError unless `text` is one of the `count` partitions, which are numbered from 0."""
    number = whole_number(text)
    if number is not None and number < count:
        return number
    raise no_such_partition(count)


def path_of(address: str) -> str:
    """`amqps://host/hub/ConsumerGroups/...` or the path alone."""
    return unquote(urlsplit(address).path if "://" in address else address).strip("/")


def scope_of(resource: str) -> str:
    """A token for a host alone covers all of it; else what lies below its path, which ends in a slash here."""
    path = urlsplit(resource).path if "://" in resource else resource.partition("/")[2]
    return f"{path.strip('/')}/".lower() if path.strip("/") else ""
