"""The acknowledgements that a client is owed for what it published."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from standin.edgeruntime.hub.domain.queues.inbox import Inbox
from standin.edgeruntime.hub.mqtt import codec


class Acknowledgements:
    """In the order in which the client published, and held while an inbox that it filled lags.

    Reading goes on meanwhile: a module that waits must still be able to acknowledge what it is sent, or two modules
    that send to each other would wait for ever.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._owed: deque[int] = deque()
        self._held_by: set[Inbox] = set()

    def due(self, packet_id: int, inboxes: Iterable[Inbox] = ()) -> None:
        """What was published is stored, and has arrived in these inboxes."""
        for inbox in inboxes:
            if inbox.congested and inbox not in self._held_by:
                self._held_by.add(inbox)
                inbox.when_relieved(lambda relieved=inbox: self._release(relieved))  # type: ignore[misc]
        if self._held_by or self._owed:
            self._owed.append(packet_id)
        else:
            self._send(codec.puback(packet_id))

    def _release(self, inbox: Inbox) -> None:
        self._held_by.discard(inbox)
        while self._owed and not self._held_by:
            self._send(codec.puback(self._owed.popleft()))
