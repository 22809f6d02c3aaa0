"""What Docker is asked for to run a module: its own createOptions, and what the runtime gives every module.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from standin.edgeruntime.agent.deployment import Module
from standin.edgeruntime.agent.device_names import WORKLOAD_SOCKET, DeviceNames

_API_VERSION = "2021-12-07"
_WORKLOAD_FOLDER = "/var/run/iotedge"


def module_body(module: Module, names: DeviceNames, *, generation_id: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """The body of `POST /containers/create`. `generation_id` is that of the module's identity."""
    runtime = {
        "IOTEDGE_WORKLOADURI": f"unix://{_WORKLOAD_FOLDER}/{WORKLOAD_SOCKET}",
        "IOTEDGE_APIVERSION": _API_VERSION,
        "IOTEDGE_AUTHSCHEME": "sasToken",
        "IOTEDGE_DEVICEID": names.device,
        "IOTEDGE_MODULEID": module.name,
        "IOTEDGE_MODULEGENERATIONID": generation_id,
        "IOTEDGE_IOTHUBHOSTNAME": names.host,
        "IOTEDGE_GATEWAYHOSTNAME": names.gateway,
        "RuntimeLogLevel": "Information",
        "UpstreamProtocol": "Mqtt",
    }
    return container_body(
        module.create_options,
        image=module.image,
        env={**module.env, **runtime},
        labels=labels,
        binds=[f"{names.workload(module.name)}:{_WORKLOAD_FOLDER}"],
        network=names.network,
        alias=module.name,
        address=names.address,
    )


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
        host["PortBindings"] = {
            port: [_bound(one or {}, address) for one in to or []] for port, to in host["PortBindings"].items()
        }
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
    """Whatever address of its device a module names, it is the one that this virtual device has: on one machine all
    would want the same ports."""
    return {**binding, "HostIp": address}
