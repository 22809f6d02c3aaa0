"""The modules that are connected, by whatever protocol, one connection each."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.port import MAX_MODULES, ModuleConnection
from standin.edgeruntime.hub.domain.queues.queues import Queues

log = logging.getLogger("edgehub.modules")


class _Connected(NamedTuple):
    connection: ModuleConnection
    token_expires: float


class ConnectedModules:
    """`changed` are called with the names of all, whenever one comes or goes."""

    def __init__(self, queues: Queues, *, changed: Sequence[Callable[[list[str]], None]]) -> None:
        self._queues = queues
        self._changed = changed
        self._modules: dict[str, _Connected] = {}

    @property
    def names(self) -> list[str]:
        return sorted(self._modules)

    @property
    def full(self) -> bool:
        return len(self._modules) >= MAX_MODULES

    def get(self, module: str) -> ModuleConnection | None:
        known = self._modules.get(module)
        return known and known.connection

    def join(self, module: str, connection: ModuleConnection, *, token_expires: float) -> None:
        """A second connection of a module ends the first, as MQTT and AMQP want."""
        older = self._modules.pop(module, None)
        if older:
            self._queues.inbox(module).detach()
            older.connection.close()
        self._modules[module] = _Connected(connection, token_expires)
        self._tell()

    def leave(self, module: str, connection: ModuleConnection) -> None:
        if self.get(module) is connection:
            del self._modules[module]
            self._queues.inbox(module).detach()
            log.info("%s disconnected", connection)
            self._tell()

    def close_unauthorized(self, identities: Identities) -> None:
        """Closes whose token has expired, or whose identity is disabled or gone."""
        now = time.time()
        for module, (connection, token_expires) in list(self._modules.items()):
            if token_expires < now or not identities.enabled(module):
                log.info("%s: its token expired or its identity is gone, closed", connection)
                connection.close()

    def _tell(self) -> None:
        for changed in self._changed:
            changed(self.names)
