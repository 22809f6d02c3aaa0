"""`/health` and `/metrics`."""

from __future__ import annotations

from standin.edgeruntime.hub.domain.connected import ConnectedModules
from standin.edgeruntime.hub.domain.identities.identities import Identities
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.queues.queues import Queues
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.http import Request, Response, json_response
from standin.edgeruntime.hub.upstream.link import Link


class Health:
    def __init__(
        self,
        device: str,
        identities: Identities,
        connected: ConnectedModules,
        queues: Queues,
        link: Link,
        store: Store,
        metrics: Metrics,
    ) -> None:
        self._device = device
        self._identities = identities
        self._connected = connected
        self._queues = queues
        self._link = link
        self._store = store
        self._metrics = metrics

    async def answer(self, request: Request) -> Response:
        if request.path == "/metrics":
            return Response(200, self._text().encode(), "text/plain; version=0.0.4")
        if request.path == "/health":
            return self._health()
        return json_response(404, {"message": f"{request.path} is not here; there are /health and /metrics"})

    def _text(self) -> str:
        gauges = {
            "edgehub_connected_clients": len(self._connected.names),
            "edgehub_upstream_connected": int(self._link.connected),
            "edgehub_store_commits_total": self._store.commits,
        }
        return self._metrics.text(gauges, self._queues.lengths())

    def _health(self) -> Response:
        return json_response(
            503 if self._store.failing else 200,
            {
                "device": self._device,
                "modules": self._identities.modules,
                "clients": self._connected.names,
                "upstream": self._link.connected,
                "queues": self._queues.lengths(),
            },
        )
