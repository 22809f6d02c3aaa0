"""The ways that are measured: sender -> server -> scorer -> server -> end, each of processes of their own.

The server, which is what is compared, has one core, and all else the other.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.edge.messages import DEVICE, PAHO, SDK
from bench.edge.modules.paho import Login
from bench.edge.orders import Child
from bench.edge.process import Process
from bench.edge.site import Site, site
from bench.machine import BenchError
from standin.edgeruntime.hub.domain.identities.tokens import make_token

EDGE_HUB, EDGE_HUB_SDK, BROKER = "edgehub", "edgehub-sdk", "mosquitto"
NAMES = (EDGE_HUB, EDGE_HUB_SDK, BROKER)
HUB_PORT, BROKER_PORT = 8883, 8884
"""The edge hub's is not to be chosen: azure-iot-device insists on it."""
TOKEN_SECONDS = 3600
SOCKET = "workload.sock"
BROKER_SETTINGS = """\
listener {port} {address}
certfile {config}/server.crt
keyfile {config}/server.key
allow_anonymous true
persistence true
persistence_location {folder}/
max_inflight_messages 64
max_queued_messages 0
set_tcp_nodelay true
user root
"""
"""As much in flight as our hub has, nothing dropped. What it keeps it writes to disk when it ends and every half hour:
its acknowledgement promises less than ours, which waits for the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    name: str
    server: Process
    sender: Child
    scorer: Child
    end: Child


@contextlib.contextmanager
def standing(names: Collection[str]) -> Iterator[list[Way]]:
    """All at once, so that a round asks one after the other; those that are not asked wait."""
    with site() as where:
        cloud = where.child("cloud", "bench.edge.cloud", str(where.folder), where.address)
        told = cloud.answer()
        yield [*_over_edge_hub(where, cloud, told, names), *([_over_broker(where)] if BROKER in names else [])]


def _over_edge_hub(where: Site, cloud: Child, told: Mapping[str, Any], names: Collection[str]) -> Iterator[Way]:
    makers = {EDGE_HUB: _over_paho, EDGE_HUB_SDK: _over_sdk}
    asked = [maker for name, maker in makers.items() if name in names]
    if asked:
        hub = edge_hub(where)
        yield from (maker(where, hub, cloud, told) for maker in asked)


def edge_hub(where: Site) -> Process:
    command = [
        *(sys.executable, "-m", "standin.edgeruntime.hub", "--bind", where.address, "--config", str(where.config)),
        *("--store", str(where.folder / "store"), "--workload", str(where.workload)),
    ]
    # its sockets come once it has read from the cloud who its modules are
    sockets = [where.workload / name / SOCKET for name in (*PAHO, *SDK)]
    return where.server("edge hub", command, lambda: all(socket.exists() for socket in sockets))


def _over_paho(where: Site, hub: Process, cloud: Child, told: Mapping[str, Any]) -> Way:
    def login(module: str, subscribe: str = "") -> Login:
        client_id = f"{DEVICE}/{module}"
        resource = f"{told['host']}/devices/{DEVICE}/modules/{module}"
        return Login(
            host=where.address,
            port=HUB_PORT,
            trusted=str(where.trusted),
            client_id=client_id,
            username=f"{told['host']}/{client_id}/?api-version=2019-10-01",
            password=make_token(resource, told["modules"][module]["key"], lifetime_s=TOKEN_SECONDS),
            subscribe=subscribe,
        )

    inputs = f"devices/{DEVICE}/modules/{PAHO.scorer}/inputs/#"
    scorer = where.paho("scorer", "scorer", login(PAHO.scorer, inputs))
    sender = where.paho("sender", "sender", login(PAHO.sender))
    return Way(name=EDGE_HUB, server=hub, sender=sender, scorer=scorer, end=cloud)


def _over_sdk(where: Site, hub: Process, cloud: Child, told: Mapping[str, Any]) -> Way:
    def module(role: str, name: str) -> Child:
        child = where.child(name, "bench.edge.modules.sdk", role, variables=of_module(where, told, name))
        child.answer()
        return child

    scorer = module("scorer", SDK.scorer)
    return Way(name=EDGE_HUB_SDK, server=hub, sender=module("sender", SDK.sender), scorer=scorer, end=cloud)


def of_module(where: Site, told: Mapping[str, Any], name: str) -> dict[str, str]:
    """The environment that the edge agent gives a module; `told` is what the cloud said first."""
    return {
        "IOTEDGE_IOTHUBHOSTNAME": told["host"],
        "IOTEDGE_DEVICEID": DEVICE,
        "IOTEDGE_MODULEID": name,
        "IOTEDGE_GATEWAYHOSTNAME": where.address,
        "IOTEDGE_MODULEGENERATIONID": told["modules"][name]["generation_id"],
        "IOTEDGE_WORKLOADURI": f"unix://{where.workload / name / SOCKET}",
        "IOTEDGE_APIVERSION": "2021-12-07",
    }


def _over_broker(where: Site) -> Way:
    """The same topics; what a route does, a subscription does."""
    broker = _broker(where)

    def login(module: str, subscribe: str = "") -> Login:
        client_id, trusted = f"{DEVICE}/{module}", str(where.trusted)
        return Login(host=where.address, port=BROKER_PORT, trusted=trusted, client_id=client_id, subscribe=subscribe)

    def events(module: str) -> str:
        return f"devices/{DEVICE}/modules/{module}/messages/events/#"

    end = where.paho("broker's sink", "sink", login("sink", events(PAHO.scorer)))
    scorer = where.paho("broker's scorer", "scorer", login(PAHO.scorer, events(PAHO.sender)))
    sender = where.paho("broker's sender", "sender", login(PAHO.sender))
    return Way(name=BROKER, server=broker, sender=sender, scorer=scorer, end=end)


def _broker(where: Site) -> Process:
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise BenchError("mosquitto is missing; install the Debian package mosquitto, or run `make bench-edge`")
    settings = where.folder / "mosquitto.conf"
    settings.write_text(
        BROKER_SETTINGS.format(port=BROKER_PORT, address=where.address, config=where.config, folder=where.folder)
    )
    return where.server("mosquitto", [program, "-c", str(settings)], lambda: _listens(where.address, BROKER_PORT))


def _listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
