"""What clients have subscribed, kept over connections and restarts: a client never subscribes again by itself, so a
session that is forgotten silences it for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from standin.edgeruntime.hub.domain.store import Store

DOCUMENT = "session"


class Subscriptions:
    """The topic filters of one client's session; `save` is called with them after each change."""

    def __init__(self, filters: Iterable[str], save: Callable[[list[str]], None]) -> None:
        self._filters = set(filters)
        self._save = save

    def __contains__(self, name: str) -> bool:
        return name in self._filters

    def add(self, names: Iterable[str]) -> None:
        self._filters.update(names)
        self._save(sorted(self._filters))

    def remove(self, names: Iterable[str]) -> None:
        self._filters.difference_update(names)
        self._save(sorted(self._filters))


class StoredSessions:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions = {module: self._session(module, names) for module, names in store.documents(DOCUMENT).items()}

    def open(self, module: str, *, clean: bool) -> tuple[Subscriptions, bool]:
        """The module's session, and whether it was there already."""
        known = self._sessions.get(module)
        if known is not None and not clean:
            return known, True
        fresh = self._sessions[module] = self._session(module, ())
        fresh.add(())
        return fresh, False

    def _session(self, module: str, names: Iterable[str]) -> Subscriptions:
        return Subscriptions(names, lambda filters: self._store.put(DOCUMENT, module, filters))
