"""`python -m bench.edge.cloud FOLDER ADDRESS`: the cloud of one device, and the folders that its edge hub runs on.

The stand-in's IoT Hub with the links of its edge runtime, and nothing else of it: no agent and no Docker. What arrived
is what lies in the hub's log, seen when the log says that it was committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import sys
import time
from pathlib import Path
from typing import Any

from bench.edge.arrivals import Arrivals, tell_of
from bench.edge.messages import DEVICE, INPUT, PAHO, SCORED, SDK, SENT, Pair
from bench.edge.orders import answer
from standin.app import Standin
from standin.core.part import Part
from standin.edgeruntime.iothub_port import EDGE_HUB_MODULE
from standin.edgeruntime.links.links import Links
from standin.edgeruntime.routes import UPSTREAM
from standin.foundation import Foundation, lay_foundation
from standin.iothub import Hub, Hubs
from standin.iothub.events.log import EventLog
from standin.iothub.kernel.hub_record import HubRecord
from standin.iothub.registry.requests import IdentityRequest

NAME = "bench"
HOST = f"{NAME}.azure-devices.net"
MODULES = (*PAHO, *SDK)
PORTS = range(4)
FRESH_AT_MOST = 10_000
"""Of one commit."""


class Log:
    """Notes what the hub's log gets."""

    def __init__(self, log: EventLog) -> None:
        self.arrivals = Arrivals()
        self._log = log
        self._next = [0] * log.partitions
        log.listen(self._committed)

    def _committed(self, partition: int) -> None:
        now = time.monotonic_ns()
        first, fresh = self._log.read(partition, self._next[partition], FRESH_AT_MOST)
        self._next[partition] = first + len(fresh)
        for message in fresh:
            self.arrivals.note(now, message)


def main(folder: Path, address: str) -> None:
    asyncio.run(_run(folder, address))


async def _run(folder: Path, address: str) -> None:
    base = lay_foundation(folder / "cloud", port_base=_free_ports())
    hubs = Hubs(base.store, base.clock, base.profile, base.state / "iothub")
    links = Links(hubs, base.faults)
    standin = Standin(base, [Part(name="edgeruntime", control_websockets={UPSTREAM: links.serve})])
    await standin.start(docker=False)
    try:
        hub = _hub(hubs)
        log = Log(hub.log)
        _write_config(folder / "config", hub, base, address)
        answer({"host": HOST, "modules": {name: _module(hub, name) for name in MODULES}})
        await asyncio.to_thread(tell_of, log.arrivals)
    finally:
        await standin.stop()
        await hubs.stop()


def _free_ports() -> int:
    """The first of four in a row."""
    while True:
        first = random.randrange(20_000, 32_000, len(PORTS))
        with contextlib.ExitStack() as taken, contextlib.suppress(OSError):
            for offset in PORTS:
                taken.enter_context(socket.socket()).bind(("127.0.0.1", first + offset))
            return first


def _hub(hubs: Hubs) -> Hub:
    """With one edge device, its modules and their routes."""
    hub = hubs.put(
        HubRecord(
            name=NAME,
            resource_id="",
            host=HOST,
            namespace=f"{NAME}.servicebus.windows.net",
            partitions=1,
            retention_days=1,
            configurations_limit=1,
            created="2026-01-01T00:00:00Z",
        )
    )
    hub.registry.put_device(DEVICE, IdentityRequest(edge=True), None)
    for module in MODULES:
        hub.ensure_module(DEVICE, module, None)
    desired = {
        "schemaVersion": "1.1",
        "routes": _routes(PAHO) | _routes(SDK),
        "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
    }
    hub.twins.patch(DEVICE, EDGE_HUB_MODULE, {"properties": {"desired": desired}}, None)
    return hub


def _routes(pair: Pair) -> dict[str, str]:
    sender, scorer = pair
    sent, scored = f"/messages/modules/{sender}/outputs/{SENT}", f"/messages/modules/{scorer}/outputs/{SCORED}"
    return {
        f"from-{sender}": f'FROM {sent} INTO BrokeredEndpoint("/modules/{scorer}/inputs/{INPUT}")',
        f"from-{scorer}": f"FROM {scored} INTO $upstream",
    }


def _module(hub: Hub, name: str) -> dict[str, Any]:
    identity = hub.registry.get(DEVICE, name)
    return {"key": identity.primary_key, "generation_id": identity.generation_id}


def _write_config(config: Path, hub: Hub, base: Foundation, address: str) -> None:
    """As the agent writes it for a hub in a container, but for the addresses."""
    config.mkdir(mode=0o700)
    certificate, private_key = base.authority.issue([address])
    key = hub.registry.get(DEVICE, EDGE_HUB_MODULE).primary_key
    upstream = {"address": "127.0.0.1", "port": base.ports.tls, "key": key}
    (config / "server.crt").write_bytes(certificate)
    (config / "server.key").write_bytes(private_key)
    (config / "ca.pem").write_bytes(base.authority.ca_pem.read_bytes())
    (config / "config.json").write_text(json.dumps({"hub": HOST, "device": DEVICE, "upstream": upstream}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
