"""What the agent makes of createOptions: members that it knows are read by its types, others are passed on as they are.

https://github.com/Azure/iotedge/tree/main/edge-agent/src/Microsoft.Azure.Devices.Edge.Agent.Docker/models
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from standin.edgeruntime.agent.create_options.chunks import NAME, join_chunks
from standin.edgeruntime.agent.create_options.types import BOOLEAN, NUMBER, TEXT, Read, choice, listed, mapped, record

_TEXTS = """
NetworkMode IpcMode CgroupParent CpusetCpus CpusetMems Isolation Runtime ContainerIDFile VolumeDriver Cgroup PidMode
UTSMode UsernsMode InitPath
"""
_NUMBERS = """
CpuRealtimePeriod CpuQuota CpuPeriod BlkioWeight NanoCpus Memory CpuShares CpuRealtimeRuntime DiskQuota KernelMemory
MemoryReservation MemorySwap MemorySwappiness PidsLimit CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth
OomScoreAdj ShmSize
"""
_BOOLEANS = "Privileged OomKillDisable AutoRemove Init PublishAllPorts ReadonlyRootfs"
_LISTS = "Binds VolumesFrom CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts Links SecurityOpt GroupAdd"
_THROTTLES = "BlkioDeviceWriteIOps BlkioDeviceReadIOps BlkioDeviceWriteBps BlkioDeviceReadBps"


def _each(names: str, read: Read) -> dict[str, Read]:
    return dict.fromkeys(names.split(), read)


_HOST_CONFIG = record(
    {
        **_each(_TEXTS, TEXT),
        **_each(_NUMBERS, NUMBER),
        **_each(_BOOLEANS, BOOLEAN),
        **_each(_LISTS, listed(TEXT)),
        **_each("Sysctls StorageOpt Tmpfs", mapped(TEXT)),
        **_each(_THROTTLES, listed(record({"Path": TEXT, "Rate": NUMBER}))),
        "BlkioWeightDevice": listed(record({"Path": TEXT, "Weight": NUMBER})),
        "ConsoleSize": listed(NUMBER),
        "Devices": listed(record(_each("PathOnHost PathInContainer CgroupPermissions", TEXT))),
        "LogConfig": record({"Type": TEXT, "Config": mapped(TEXT)}),
        "Mounts": listed(record({"ReadOnly": BOOLEAN, **_each("Source Target Type", TEXT)})),
        "PortBindings": mapped(listed(record(_each("HostIp HostPort", TEXT)))),
        "RestartPolicy": record(
            {"Name": choice("", "no", "always", "on-failure", "unless-stopped"), "MaximumRetryCount": NUMBER}
        ),
        "Ulimits": listed(record({"Name": TEXT, **_each("Hard Soft", NUMBER)})),
    }
)
_CREATE_OPTIONS: Read = record(
    {
        "Env": listed(TEXT),
        "ExposedPorts": mapped(record({})),
        "HostConfig": _HOST_CONFIG,
        "Image": TEXT,
        "Labels": mapped(TEXT),
        "NetworkingConfig": record({"EndpointsConfig": mapped(record({"Aliases": listed(TEXT)}))}),
    }
)


def read_create_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of a module's settings; raises ValueError naming the place. The text `null` is none, in any case."""
    text = join_chunks(settings)
    if not text.strip() or text.lower() == "null":
        return {}
    try:
        options = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"{NAME} is not JSON: {problem}") from problem
    read = _CREATE_OPTIONS(NAME, options)
    return dict(read) if read is not None else {}
