"""The way of a device's messages into the hub's event log.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-d2c
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from standin.iothub.events.log import Encoder, Entry, EventLog
from standin.iothub.events.message import D2CMessage
from standin.iothub.kernel.errors import TooLarge
from standin.iothub.registry.identity import Identity
from standin.iothub.registry.presence import Presences
from standin.iothub.registry.state import IdentityRegistry

MESSAGE_BYTES = 256 * 1024


class Ingress:
    """`encoder(message, sender)` makes what readers of the log will get; `routed()` says whether any will."""

    def __init__(
        self,
        log: EventLog,
        registry: IdentityRegistry,
        presences: Presences,
        encoder: Callable[[D2CMessage, Identity], Encoder],
        routed: Callable[[], bool],
    ) -> None:
        self._log = log
        self._registry = registry
        self._presences = presences
        self._encoder = encoder
        self._routed = routed

    def append(self, device: str, module: str | None, messages: Sequence[D2CMessage]) -> None:
        """On disk when it returns, all or none, in one commit; what no route takes is dropped.
        Raises NotFound, and TooLarge above 256 KB.
        https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-d2c#fallback-route
        """
        sender = self._registry.get(device, module)
        for message in messages:
            size = _size(message)
            if size > MESSAGE_BYTES:
                raise TooLarge(f"The message has {size} bytes, allowed are {MESSAGE_BYTES}.")
        if self._routed():
            partition = self._log.partition_of(device)
            self._log.append(Entry(partition, self._encoder(message, sender)) for message in messages)
        self._presences.heard(device, module)


def _size(message: D2CMessage) -> int:
    pairs = [*message.system.items(), *message.properties.items()]
    return len(message.body) + sum(len(name) + len(value) for name, value in pairs)
