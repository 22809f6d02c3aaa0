"""The hub as its modules meet it, by any protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.methods import Methods
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.port import ModuleConnection
from standin.edgeruntime.hub.domain.queues.inbox import Inbox
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.twins import Twins

log = logging.getLogger("edgehub.modules")


class ModuleSide:
    """The `HubPort`; what each method means is said there."""

    def __init__(
        self,
        identities: Identities,
        connected: ConnectedModules,
        queues: Queues,
        router: Router,
        twins: Twins,
        methods: Methods,
        store: Store,
        metrics: Metrics,
    ) -> None:
        self._identities = identities
        self._connected = connected
        self._queues = queues
        self._router = router
        self._twins = twins
        self._methods = methods
        self._store = store
        self._metrics = metrics

    @property
    def full(self) -> bool:
        return self._connected.full

    def authenticate(self, module: str, token: str) -> float:
        return self._identities.authenticate(module, token)

    def refused(self, client: str, reason: str) -> None:
        log.warning("refused %r: %s", client, reason)
        self._metrics.refused += 1

    def connected(self, module: str, connection: ModuleConnection, *, token_expires: float) -> None:
        self._metrics.connections += 1
        self._connected.join(module, connection, token_expires=token_expires)

    def disconnected(self, module: str, connection: ModuleConnection) -> None:
        self._connected.leave(module, connection)

    def inbox(self, module: str) -> Inbox:
        return self._queues.inbox(module)

    def publish(self, module: str, bag: str, body: bytes) -> list[Inbox]:
        return self._router.receive(module, bag, body)

    def twin(self, module: str) -> dict[str, dict[str, Any]] | None:
        return self._twins.view(module)

    def report(self, module: str, patch: Any) -> int:
        report = self._twins.report(module, patch)
        self._router.twin_changed(module, report.patch)
        return report.version

    def answer_method(self, module: str, request_id: str, status: int, body: bytes) -> None:
        self._methods.answered(module, request_id, status, body)

    def when_stored(self, call: Callable[[], None]) -> None:
        self._store.then(call)
