"""createOptions: a JSON text cut into pieces, and the body of Docker's `POST /containers/create` made of it.

https://learn.microsoft.com/azure/iot-edge/how-to-use-create-options
https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

NAME = "createOptions"
CHUNK = 512
MAX_CHUNKS = 100


def join_chunks(settings: Mapping[str, Any]) -> str:
    """`createOptions`, `createOptions01`, ... without gaps, joined as text; any case of the first letters."""
    lowered = {key.lower(): value for key, value in settings.items() if key.lower().startswith(NAME.lower())}
    parts = [lowered.pop(NAME.lower(), "")]
    for number in range(1, MAX_CHUNKS):
        wanted = f"{NAME}{number:02d}"
        if not lowered:
            break
        if wanted.lower() not in lowered:
            found = sorted(lowered)[0].replace(NAME.lower(), NAME)
            raise ValueError(f'Error while parsing chunked field "{NAME}", expected {wanted} found {found}')
        parts.append(lowered.pop(wanted.lower()))
    if not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{NAME} is not a text; allowed: JSON in a text")
    return "".join(parts)


def split_chunks(options: Mapping[str, Any]) -> dict[str, str]:
    """As the agent reports them."""
    text = json.dumps(options, separators=(",", ":"))
    pieces = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    return {NAME if not number else f"{NAME}{number:02d}": piece for number, piece in enumerate(pieces)}


def container_body(
    options: Mapping[str, Any],
    *,
    image: str,
    env: Mapping[str, str],
    labels: Mapping[str, str],
    binds: Sequence[str],
    network: str,
    alias: str,
    address: str,
) -> dict[str, Any]:
    """The module's own options stay as they are; the runtime's mounts, names and labels are added."""
    body = copy.deepcopy(dict(options))
    host = dict(body.get("HostConfig") or {})
    body["Image"] = image
    body["Env"] = [*(body.get("Env") or []), *(f"{name}={value}" for name, value in env.items())]
    body["Labels"] = {**(body.get("Labels") or {}), **labels}
    host["Binds"] = [*(host.get("Binds") or []), *binds]
    host["RestartPolicy"] = {"Name": "no"}  # the agent restarts, with its own backoff
    host.setdefault("LogConfig", {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}})
    if host.get("PortBindings"):
        host["PortBindings"] = {port: [_bound(one, address) for one in to] for port, to in host["PortBindings"].items()}
        body["ExposedPorts"] = {**{port: {} for port in host["PortBindings"]}, **(body.get("ExposedPorts") or {})}
    if host.get("NetworkMode") in (None, "", "default", "bridge"):
        host["NetworkMode"] = network
        endpoints = dict((body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {})
        own = dict(endpoints.get(network) or {})
        own["Aliases"] = [*(own.get("Aliases") or []), alias]
        body["NetworkingConfig"] = {"EndpointsConfig": {network: own}}
    body["HostConfig"] = host
    return body


def _bound(binding: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Every virtual device has a loopback address of its own: on one machine they would want the same ports."""
    wanted = binding.get("HostIp") or ""
    return {**binding, "HostIp": wanted if wanted.startswith("127.") else address}
