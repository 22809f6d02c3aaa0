"""An edge hub in this process, at a loopback address of its own (the SDK insists on port 8883), below a fake cloud."""

from __future__ import annotations

import json
import random
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from standin.app import Standin
from standin.core.part import Part
from standin.edgeruntime.hub.composition import compose
from standin.edgeruntime.hub.edge_hub import EdgeHub
from standin.edgeruntime.hub.settings import Settings, load_settings
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE
from standin.edgeruntime.links.links import Links
from standin.edgeruntime.routes import UPSTREAM
from standin.foundation import lay_foundation
from tests.ports import free_port_base
from tests.standin.edgeruntime.fake_hub import FakeHub, FakeHubs
from tests.standin.edgeruntime.mqtt_client import MqttClient, credentials
from tests.waiting import eventually

DEVICE = "edge-01"
ROUTES = {
    "sensorToScorer": "FROM /messages/modules/sensor/outputs/temperatureOutput "
    'INTO BrokeredEndpoint("/modules/scorer/inputs/amlInput")',
    "scorerToUpstream": "FROM /messages/modules/scorer/outputs/amlOutput INTO $upstream",
}


def hub_desired(routes: dict[str, Any] | None = None, ttl_s: int = 7200) -> dict[str, Any]:
    return {
        "schemaVersion": "1.1",
        "routes": ROUTES if routes is None else routes,
        "storeAndForwardConfiguration": {"timeToLiveSecs": ttl_s},
    }


class Site:
    """A cloud, a device's folders, and the hub that runs on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.address = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(2, 255)}"
        self.hub = FakeHub()
        self.hub.add_device(DEVICE, "sensor", "scorer")
        self.hub.desire(DEVICE, EDGE_HUB_MODULE, hub_desired())
        self.base = lay_foundation(root / "standin", port_base=free_port_base())
        self.links = Links(FakeHubs(self.hub), self.base.faults)
        upstream = Part(name="edgeruntime", control_websockets={UPSTREAM: self.links.serve})
        self._standin = Standin(self.base, [upstream])
        self._clients: list[MqttClient] = []
        self.edge: EdgeHub | None = None
        self.config = self._configure()

    def _configure(self) -> Path:
        config = self.root / "config"
        config.mkdir()
        certificate, key = self.base.authority.issue([self.address, "localhost"])
        (config / "server.crt").write_bytes(certificate)
        (config / "server.key").write_bytes(key)
        (config / "ca.pem").write_bytes(self.base.authority.ca_pem.read_bytes())
        self.write_config()
        return config

    def write_config(self) -> None:
        identity = self.hub.identity(DEVICE, EDGE_HUB_MODULE)
        assert identity is not None
        upstream = {"address": "127.0.0.1", "port": self.base.ports.tls, "key": identity.primary_key}
        values = {"hub": self.hub.host, "device": DEVICE, "upstream": upstream}
        (self.root / "config" / "config.json").write_text(json.dumps(values))

    @property
    def settings(self) -> Settings:
        return load_settings(self.config, store=self.root / "store", workload=self.root / "w", bind=self.address)

    async def start_cloud(self) -> None:
        await self._standin.start(docker=False)

    async def start_edge(self, *, synchronized: bool = True) -> EdgeHub:
        self.edge = compose(self.settings)
        await self.edge.start()
        if synchronized:
            await self.synchronized()
        return self.edge

    async def synchronized(self) -> None:
        edge = self.edge
        assert edge is not None
        await eventually(lambda: edge.link.connected and edge.identities.modules, what="the hub's first state")

    async def stop_edge(self) -> None:
        if self.edge:
            await self.edge.stop()
            self.edge = None

    async def stop(self) -> None:
        for client in self._clients:
            await client.close()
        await self.stop_edge()
        await self._standin.stop()

    def client(self) -> MqttClient:
        made = MqttClient(self.address, ssl.create_default_context(cafile=str(self.config / "ca.pem")))
        self._clients.append(made)
        return made

    async def connected(self, module: str, **options: Any) -> MqttClient:
        identity = self.hub.identity(DEVICE, module)
        assert identity is not None
        client = self.client()
        answer = await client.connect(*credentials(self.hub.host, DEVICE, module, identity.primary_key), **options)
        assert answer[1] == 0, f"refused with {answer[1]}"
        return client

    async def scorer(self, **options: Any) -> MqttClient:
        client = await self.connected("scorer", **options)
        await client.subscribe(f"devices/{DEVICE}/modules/scorer/inputs/#")
        return client


def output(module: str, name: str, bag: str = "") -> str:
    return f"devices/{DEVICE}/modules/{module}/messages/events/%24.on={name}" + (f"&{bag}" if bag else "")


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """Below a short path: a unix socket's name is at most 107 bytes long."""
    with tempfile.TemporaryDirectory(prefix="ew") as folder:
        made = Site(Path(folder))
        await made.start_cloud()
        try:
            yield made
        finally:
            await made.stop()
