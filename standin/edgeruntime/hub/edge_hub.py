"""One edge hub: its parts, put together, and its life from start to drain."""

from __future__ import annotations

import asyncio
import logging
import ssl
from datetime import UTC, datetime
from typing import Any

from standin.edgeruntime.hub.domain.identities.identities import EDGE_HUB_MODULE, Identities
from standin.edgeruntime.hub.domain.metrics import Metrics
from standin.edgeruntime.hub.domain.router import Router
from standin.edgeruntime.hub.domain.routing.configuration import read_configuration
from standin.edgeruntime.hub.domain.routing.errors import ConfigurationError
from standin.edgeruntime.hub.domain.store import Store
from standin.edgeruntime.hub.domain.twins.twins import Twins
from standin.edgeruntime.hub.http import Request, Response, connection_handler, json_response
from standin.edgeruntime.hub.mqtt.broker import Broker
from standin.edgeruntime.hub.mqtt.connection import Connection
from standin.edgeruntime.hub.settings import Settings
from standin.edgeruntime.hub.upstream.cloud import Cloud
from standin.edgeruntime.hub.workload import Workload

SCHEMA_VERSION = "1.1"
EXPIRE_EVERY_S = 1.0
SWEEP_EVERY = 60
DRAIN_S = 3.0

log = logging.getLogger("edgehub")


class EdgeHub:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        settings.store.mkdir(parents=True, exist_ok=True)
        self.metrics = Metrics()
        self.store = Store(settings.store / "edgehub.db", durability=settings.durability)
        self.identities = Identities(settings.hub, settings.device, self.store)
        self.router = Router(settings.device, store=self.store, metrics=self.metrics)
        self.twins = Twins(self.store)
        self.workload = Workload(settings.workload, identities=self.identities, trust_bundle=settings.trust_bundle)
        self.cloud = Cloud(
            settings,
            store=self.store,
            router=self.router,
            twins=self.twins,
            identities=self.identities,
            metrics=self.metrics,
            identities_changed=self._identities_changed,
        )
        self.broker = Broker(
            settings.device,
            store=self.store,
            identities=self.identities,
            router=self.router,
            twins=self.twins,
            metrics=self.metrics,
            presence=self,
        )
        self.cloud.serves(self.broker)
        self.twins.on_desired = self._desired_changed
        self.twins.on_reported = self._reported
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []
        self._certificate: tuple[ssl.SSLContext, int] | None = None

    async def start(self) -> None:
        desired = self.twins.desired(EDGE_HUB_MODULE)
        if desired:
            self._configure(desired)
        loop = asyncio.get_running_loop()
        settings = self._settings
        context = self._tls()
        self._servers.append(
            await loop.create_server(lambda: Connection(self.broker), settings.bind, settings.port, ssl=context)
        )
        health = connection_handler(self._health)
        self._servers.append(await asyncio.start_server(health, settings.bind, settings.health_port))
        await self.workload.serve(self.identities.modules)
        self._tasks = [loop.create_task(self.cloud.link.run()), loop.create_task(self._housekeeping())]
        log.info("listening on %s:%d for device %s", settings.bind, settings.port, settings.device)

    async def stop(self) -> None:
        """What was read is stored and acknowledged; the rest stays with its senders."""
        for server in self._servers:
            server.close()
        await self.store.flushed()
        for connection in list(self.broker.connections):
            connection.close()
        await self.cloud.drain(DRAIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.workload.stop()
        await self.store.close()

    def clients_changed(self) -> None:
        self.cloud.clients_changed()
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        reported = (self.twins.view(EDGE_HUB_MODULE) or {}).get("reported", {}).get("clients") or {}
        patch: dict[str, Any] = {}
        for module in {name.partition("/")[2] for name in reported} | set(self.broker.clients):
            name = f"{self._settings.device}/{module}"
            status = "Connected" if module in self.broker.clients else "Disconnected"
            if (reported.get(name) or {}).get("status") != status:
                last = "lastConnectedTimeUtc" if status == "Connected" else "lastDisconnectedTimeUtc"
                patch[name] = {"status": status, last: now}
        if patch:
            self.twins.report(EDGE_HUB_MODULE, {"clients": patch})

    def _desired_changed(self, module: str, patch: dict[str, Any], version: int) -> None:
        if module == EDGE_HUB_MODULE:
            self._configure(self.twins.desired(EDGE_HUB_MODULE))
        else:
            self.broker.desired_changed(module, patch, version)

    def _reported(self, module: str, patch: dict[str, Any]) -> None:
        if module != EDGE_HUB_MODULE:
            self.router.twin_changed(module, patch)
        self.cloud.reported()

    def _configure(self, desired: dict[str, Any]) -> None:
        """A configuration that is refused leaves the one before it in force, as edgeHub does."""
        status: dict[str, Any] = {"code": 200, "description": ""}
        try:
            configuration = read_configuration(desired)
            self.router.table = configuration.routes
            log.info("%d routes in force", len(configuration.routes.routes))
        except ConfigurationError as problem:
            status = {"code": problem.code, "description": str(problem)}
            log.error("desired properties refused: %s", problem)
        wanted = {
            "schemaVersion": SCHEMA_VERSION,
            "lastDesiredVersion": desired.get("$version"),
            "lastDesiredStatus": status,
        }
        reported = (self.twins.view(EDGE_HUB_MODULE) or {}).get("reported", {})
        if any(reported.get(key) != value for key, value in wanted.items()):
            self.twins.report(EDGE_HUB_MODULE, wanted)

    async def _identities_changed(self) -> None:
        await self.workload.serve(self.identities.modules)
        self.broker.expire()

    async def _housekeeping(self) -> None:
        turns = 0
        while True:
            await asyncio.sleep(EXPIRE_EVERY_S)
            turns += 1
            self.broker.expire()
            if turns % SWEEP_EVERY == 0:
                self.router.sweep()
                self._tls()

    def _tls(self) -> ssl.SSLContext:
        """The certificate is read again when its file changes; connections that stand keep theirs."""
        changed = self._settings.certificate.stat().st_mtime_ns
        if self._certificate is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        else:
            context, known = self._certificate
            if changed == known:
                return context
        context.load_cert_chain(self._settings.certificate, self._settings.private_key)
        self._certificate = context, changed
        return context

    async def _health(self, request: Request) -> Response:
        if request.path == "/metrics":
            gauges = {
                "edgehub_connected_clients": len(self.broker.clients),
                "edgehub_upstream_connected": int(self.cloud.link.connected),
                "edgehub_store_commits_total": self.store.commits,
            }
            return Response(200, self.metrics.text(gauges, self.router.lengths()).encode(), "text/plain; version=0.0.4")
        if request.path == "/health":
            status = 503 if self.store.failing else 200
            return json_response(
                status,
                {
                    "device": self._settings.device,
                    "modules": self.identities.modules,
                    "clients": sorted(self.broker.clients),
                    "upstream": self.cloud.link.connected,
                    "queues": self.router.lengths(),
                },
            )
        return json_response(404, {"message": f"{request.path} is not here; there are /health and /metrics"})
