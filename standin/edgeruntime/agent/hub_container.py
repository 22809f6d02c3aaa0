"""The container of a device's hub: its image, its files, what Docker is asked for, and when it is ready.

The image is built from this clone's `hub/` folder, once for each content of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standin.containers import http_client, images
from standin.containers.docker_host import DockerHost
from standin.core.certificates import Authority
from standin.edgeruntime.agent.device_names import WORKLOAD_SOCKET, DeviceNames

CLOUD = "host.docker.internal"
HEALTH_PORT = 9600
READY_WITHIN_SECONDS = 30.0
POLL_SECONDS = 0.1
HEALTH_TIMEOUT_SECONDS = 2
_HUB_FOLDER = Path(__file__).parent.parent / "hub"


class NotReady(Exception):
    """The hub, or the workload socket of a module, did not come up in time."""


def _hub_files() -> list[Path]:
    return sorted(path for path in _HUB_FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _hub_digest() -> str:
    digest = hashlib.sha256()
    for path in _hub_files():
        digest.update(
            f"{path.relative_to(_HUB_FOLDER).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return digest.hexdigest()


async def ensure_hub_image(docker: DockerHost) -> str:
    """The image's name. Raises BuildFailed."""
    tag = f"{docker.prefix}edgehub:{_hub_digest()[:12]}"
    await images.ensure_built(docker, tag, _context, docker.labels("image", image="edgehub"))
    return tag


def _context() -> io.BytesIO:
    """Without times and owners, so that equal contents meet Docker's cache."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in _hub_files():
            info = tarfile.TarInfo(path.relative_to(_HUB_FOLDER).as_posix())
            content = path.read_bytes()
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    archive.seek(0)
    return archive


def write_files(names: DeviceNames, authority: Authority, *, key: str, port: int) -> None:
    """Files are replaced whole and only where they differ: the hub reads them again."""
    folder = names.folder / "hub"
    for path in (names.folder, folder, names.folder / "workload"):
        path.mkdir(parents=True, exist_ok=True, mode=0o755)
    folder.chmod(0o700)
    upstream = {"address": CLOUD, "port": port, "key": key}
    config = {"hub": names.host, "device": names.device, "upstream": upstream}
    _replace(folder / "config.json", json.dumps(config).encode())
    _replace(folder / "ca.pem", authority.ca_pem.read_bytes())
    if not (folder / "server.crt").exists():
        certificate, private_key = authority.issue([names.gateway])
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


def hub_body(names: DeviceNames, *, image: str, env: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    """The manifest's createOptions for edgeHub are left out: they publish 8883, 5671 and 443 on the device's host, and
    here all devices share one."""
    return {
        "Image": image,
        "User": f"{os.getuid()}:{os.getgid()}",
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": dict(labels),
        "HostConfig": {
            "Binds": [
                f"{names.folder / 'hub'}:/etc/edgehub:ro",
                f"{names.folder / 'workload'}:/run/workload",
                f"{names.volume}:/var/lib/edgehub",
            ],
            "ExtraHosts": [f"{CLOUD}:host-gateway"],
            "NetworkMode": names.network,
            "RestartPolicy": {"Name": "no"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
        },
        "NetworkingConfig": {"EndpointsConfig": {names.network: {"Aliases": [names.gateway]}}},
    }


async def wait_ready(address: str, socket: Path) -> None:
    """Until the hub answers at its health port and the module's socket is there."""
    deadline = asyncio.get_running_loop().time() + READY_WITHIN_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if (socket / WORKLOAD_SOCKET).exists() and await _healthy(address):
            return
        await asyncio.sleep(POLL_SECONDS)
    missing = "edgeHub does not answer" if not await _healthy(address) else "its workload socket is not there"
    raise NotReady(f"{missing} after {READY_WITHIN_SECONDS:.0f} s")


async def _healthy(address: str) -> bool:
    if not address:
        return False
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT_SECONDS):
            return (await http_client.get(address, HEALTH_PORT, "/health")).status == 200
    except (OSError, ValueError):
        return False
