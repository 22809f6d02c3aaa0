"""The two containers of a machine: the machine itself, and what is around it, whose network the machine shares.

A machine has no privileges. Its systemd needs a place of its own in a hierarchy of cgroups, and engines offer one in
two ways; where the engine says neither, no machine can be made.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from standin.containers.docker_host import DockerHost
from standin.machines.errors import MachineRefused
from standin.machines.guest.fabric import HOST
from standin.machines.spec import MachineSpec

KIND = "machine"
LABEL = "edgeway.machine"
"""Label of both containers; its value is the vmId."""
_LOG = {"Type": "json-file", "Config": {"max-size": "4m", "max-file": "1"}}
_CGROUPS: Mapping[str, Mapping[str, Any]] = {
    # systemd's own hierarchy, which holds no controllers
    "1": {"CgroupnsMode": "host", "Binds": ["/sys/fs/cgroup/systemd:/sys/fs/cgroup/systemd:rw"]},
    "2": {"CgroupnsMode": "host", "Binds": ["/sys/fs/cgroup:/sys/fs/cgroup:rw"]},
}
"""The engine's cgroup version -> what of the engine's machine a container needs for systemd."""


def name(docker: DockerHost, vm_id: str) -> str:
    return f"{docker.prefix}vm-{vm_id[:8]}"


def fabric_name(docker: DockerHost, vm_id: str) -> str:
    return f"{name(docker, vm_id)}-around"


def fabric_body(docker: DockerHost, spec: MachineSpec, image: str, folder: Path) -> dict[str, Any]:
    """Its host name is the machine's: who shares a network shares that, too."""
    return {
        "Image": image,
        "Hostname": spec.hostname,
        "Entrypoint": ["/usr/bin/python3", "-I", "/fabric/fabric.py", "/fabric"],
        "Labels": docker.labels(KIND, machine=spec.vm_id),
        "HostConfig": {
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "CapAdd": ["NET_ADMIN", "NET_BIND_SERVICE"],
            "SecurityOpt": ["no-new-privileges"],
            "Binds": [f"{folder}:/fabric:ro"],
            "Dns": [HOST],
            "LogConfig": _LOG,
        },
    }


def machine_body(docker: DockerHost, spec: MachineSpec, image: str, cgroups: str) -> dict[str, Any]:
    """Raises MachineRefused. The terminal is the machine's serial console."""
    found = _CGROUPS.get(cgroups)
    if found is None:
        raise MachineRefused(
            f"{spec.resource_id}: systemd boots in no container here: the engine's cgroups are {cgroups!r}"
        )
    return {
        "Image": image,
        "Entrypoint": [],
        "Cmd": ["/sbin/init"],
        "Env": ["container=docker"],
        "Tty": True,
        "StopSignal": "SIGRTMIN+3",
        "Labels": {**docker.labels(KIND, machine=spec.vm_id), "edgeway.resource": spec.resource_id},
        "HostConfig": {
            "NetworkMode": f"container:{fabric_name(docker, spec.vm_id)}",
            "Tmpfs": {"/run": "", "/run/lock": "", **{folder: f"size={size}" for folder, size in spec.disks.items()}},
            "PidsLimit": 2048,
            "LogConfig": _LOG,
            **found,
        },
    }
