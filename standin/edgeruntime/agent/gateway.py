"""The container of a device's hub: its files, and what Docker is asked for."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standin.containers import http_client
from standin.core.certificates import Authority
from standin.edgeruntime.agent.place import WORKLOAD_SOCKET, Place

CLOUD = "host.docker.internal"
HEALTH_PORT = 9600
READY_WITHIN_S = 30.0
POLL_S = 0.1
HEALTH_TIMEOUT_SECONDS = 2


class NotReady(Exception):
    """The hub, or the workload socket of a module, did not come up in time."""


def write_files(place: Place, authority: Authority, *, key: str, port: int) -> None:
    """Files are replaced whole and only where they differ: the hub reads them again."""
    folder = place.folder / "hub"
    for path in (place.folder, folder, place.folder / "workload"):
        path.mkdir(parents=True, exist_ok=True, mode=0o755)
    folder.chmod(0o700)
    upstream = {"address": CLOUD, "port": port, "key": key}
    config = {"hub": place.host, "device": place.device, "upstream": upstream}
    _replace(folder / "config.json", json.dumps(config).encode())
    _replace(folder / "ca.pem", authority.ca_pem.read_bytes())
    if not (folder / "server.crt").exists():
        certificate, private_key = authority.issue([place.gateway])
        _replace(folder / "server.key", private_key)
        _replace(folder / "server.crt", certificate)


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.rename(path)


def hub_body(place: Place, *, image: str, env: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    """The manifest's createOptions for edgeHub are left out: they publish 8883, 5671 and 443 on the device's host, and
    here all devices share one."""
    return {
        "Image": image,
        "User": f"{os.getuid()}:{os.getgid()}",
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": dict(labels),
        "HostConfig": {
            "Binds": [
                f"{place.folder / 'hub'}:/etc/edgehub:ro",
                f"{place.folder / 'workload'}:/run/workload",
                f"{place.volume}:/var/lib/edgehub",
            ],
            "ExtraHosts": [f"{CLOUD}:host-gateway"],
            "NetworkMode": place.network,
            "RestartPolicy": {"Name": "no"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
        },
        "NetworkingConfig": {"EndpointsConfig": {place.network: {"Aliases": [place.gateway]}}},
    }


async def wait_ready(address: str, socket: Path) -> None:
    """Until the hub answers at its health port and the module's socket is there."""
    deadline = asyncio.get_running_loop().time() + READY_WITHIN_S
    while asyncio.get_running_loop().time() < deadline:
        if (socket / WORKLOAD_SOCKET).exists() and await _healthy(address):
            return
        await asyncio.sleep(POLL_S)
    missing = "edgeHub does not answer" if not await _healthy(address) else "its workload socket is not there"
    raise NotReady(f"{missing} after {READY_WITHIN_S:.0f} s")


async def _healthy(address: str) -> bool:
    if not address:
        return False
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT_SECONDS):
            return (await http_client.get(address, HEALTH_PORT, "/health")).status == 200
    except (OSError, ValueError):
        return False
