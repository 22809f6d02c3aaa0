"""`HostConfig` of Docker's container create.

https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerCreate
"""

from __future__ import annotations

from edge.manifest.rules.docker.types import (
    Check,
    at_least,
    flag,
    listed,
    mapped,
    number,
    one_of,
    record,
    text,
    written,
)

_NUMBER = "0*(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4})"
PORT = written(f"{_NUMBER}(-{_NUMBER})?(/(tcp|udp|sctp))?", "a port up to 65535, such as 1883/tcp,")
_HOST_PORT = written(f"({_NUMBER}(-{_NUMBER})?)?", 'a port up to 65535 in quotes, such as "1883",')
_BIND = written(r"[^:]+:/[^:]*(:[^:]+)?", "text such as /on/the/host:/in/the/module:ro or volume:/in/the/module")
_PATH = written(r"/.*", "a path from the root in the module")
NAMED: Check = mapped(text)

_TEXTS = """
CgroupParent CpusetCpus CpusetMems ContainerIDFile NetworkMode VolumeDriver CgroupnsMode IpcMode Cgroup PidMode UTSMode
UsernsMode Runtime InitPath
"""
_NUMBERS = """
CpuShares CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime DiskQuota KernelMemory KernelMemoryTCP
MemoryReservation MemorySwap NanoCpus PidsLimit CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth ShmSize
"""
_FLAGS = "OomKillDisable Init AutoRemove Privileged PublishAllPorts ReadonlyRootfs"
_LISTS = """
DeviceCgroupRules VolumesFrom CapAdd CapDrop Dns DnsOptions DnsSearch ExtraHosts GroupAdd Links SecurityOpt MaskedPaths
ReadonlyPaths
"""
_THROTTLES = "BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps"


def each(names: str, check: Check) -> dict[str, Check]:
    return dict.fromkeys(names.split(), check)


_MOUNT = record(
    {
        "Target": _PATH,
        "Source": text,
        "Type": one_of("bind", "volume", "tmpfs", "npipe", "cluster", "image"),
        "ReadOnly": flag,
        "Consistency": text,
        "BindOptions": record(
            {
                "Propagation": one_of("private", "rprivate", "shared", "rshared", "slave", "rslave"),
                **each("NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive", flag),
            }
        ),
        "VolumeOptions": record(
            {
                "NoCopy": flag,
                "Labels": NAMED,
                "DriverConfig": record({"Name": text, "Options": NAMED}),
                "Subpath": text,
            }
        ),
        "ImageOptions": record({"Subpath": text}),
        "TmpfsOptions": record({"SizeBytes": number(0), "Mode": number(0), "Options": listed(listed(text))}),
    }
)

HOST_CONFIG = record(
    {
        **each(_TEXTS, text),
        **each(_NUMBERS, number()),
        **each(_FLAGS, flag),
        **each(_LISTS, listed(text)),
        **each(_THROTTLES, listed(record({"Path": text, "Rate": number(0)}))),
        **each("Sysctls StorageOpt Annotations", NAMED),
        # dockerd: "Minimum memory limit allowed is 6MB"
        "Memory": at_least(6 * 1024 * 1024),
        "BlkioWeight": number(0, 1000),
        "BlkioWeightDevice": listed(record({"Path": text, "Weight": number(0)})),
        "MemorySwappiness": number(-1, 100),
        "OomScoreAdj": number(-1000, 1000),
        "Isolation": one_of("", "default", "process", "hyperv"),
        "ConsoleSize": listed(number(0), length=2),
        "Binds": listed(_BIND),
        "Mounts": listed(_MOUNT),
        "Tmpfs": mapped(text, key=_PATH),
        "PortBindings": mapped(listed(record({"HostIp": text, "HostPort": _HOST_PORT})), key=PORT),
        "LogConfig": record({"Type": text, "Config": NAMED}),
        "RestartPolicy": record(
            {
                "Name": one_of("", "no", "always", "unless-stopped", "on-failure"),
                "MaximumRetryCount": number(0),
            }
        ),
        "Devices": listed(record(each("PathOnHost PathInContainer CgroupPermissions", text))),
        "DeviceRequests": listed(
            record(
                {
                    "Driver": text,
                    "Count": number(-1),
                    "DeviceIDs": listed(text),
                    "Capabilities": listed(listed(text)),
                    "Options": NAMED,
                }
            )
        ),
        "Ulimits": listed(record({"Name": text, "Soft": number(-1), "Hard": number(-1)})),
    },
    {name: f"createOptions.{name}" for name in ("Env", "ExposedPorts", "Healthcheck", "Labels", "Cmd", "User")},
)
HOST_MEMBERS = """
PortBindings Binds Mounts Memory NetworkMode Privileged Devices DeviceRequests CapAdd CapDrop LogConfig RestartPolicy
Tmpfs Ulimits Sysctls Dns ExtraHosts Runtime IpcMode PidMode ReadonlyRootfs SecurityOpt ShmSize NanoCpus GroupAdd
VolumesFrom Init PidsLimit
"""
