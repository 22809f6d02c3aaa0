"""Which messages of which device are in the hub's log already: what all links share, for it outlives each of them."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED_IDS = 4096
REMEMBERED_STORES = 4096


class AppendedIds:
    """The last message ids of a device's store: what is sent again after a lost acknowledgement is not appended again.

    Kept in memory: over a restart of the stand-in the way is at least once, as Azure's is.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, message_id: int) -> bool:
        return message_id in self._ids

    def add(self, message_id: int) -> None:
        self._ids[message_id] = None
        if len(self._ids) > REMEMBERED_IDS:
            self._ids.popitem(last=False)


class AppendedMessages:
    """`AppendedIds` by (hub's host name, device, device's store); the store that is longest unused is forgotten."""

    def __init__(self) -> None:
        self._stores: OrderedDict[tuple[str, str, str], AppendedIds] = OrderedDict()

    def of(self, host: str, device: str, store: str) -> AppendedIds:
        key = (host.lower(), device, store)
        ids = self._stores.setdefault(key, AppendedIds())
        self._stores.move_to_end(key)
        while len(self._stores) > REMEMBERED_STORES:
            self._stores.popitem(last=False)
        return ids
