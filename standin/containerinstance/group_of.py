"""From a container group's description to the group that `standin.containers` runs."""

from __future__ import annotations

from standin.containerinstance.names import docker_name
from standin.containerinstance.sealing import Secrets, files_of, variables_of
from standin.containerinstance.spec import Container, Group
from standin.containers.group import spec as running
from standin.core.arm import Resource

KIND = "container-group"
CAPABILITIES = ("CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID")
"""Of root. What Azure gives is written nowhere; Microsoft's own example of TLS in a group needs these, for nginx binds
443 as root and becomes another user:
https://learn.microsoft.com/azure/container-instances/container-instances-container-group-ssl
"""
SYSCTLS = {"net.ipv4.ip_unprivileged_port_start": "1024"}
"""The kernel's default, which Docker sets to 0: another user than root cannot listen on 443 (dotnet/docs#39082)."""
_RESTART_POLICIES = {
    "Always": running.RestartPolicy.ALWAYS,
    "OnFailure": running.RestartPolicy.ON_FAILURE,
    "Never": running.RestartPolicy.NEVER,
}


def names_of(resource: Resource, prefix: str) -> running.GroupNames:
    return running.GroupNames(kind=KIND, group=docker_name(prefix, resource.name, resource.key))


def group_of(resource: Resource, group: Group, secrets: Secrets, prefix: str) -> running.Group:
    """Number and address of the roll-out are in the resource's private facts."""
    return running.Group(
        key=resource.key,
        names=names_of(resource, prefix),
        run=resource.private.get("run", ""),
        address=resource.private.get("address"),
        ports=group.public_ports,
        containers=tuple(_container(container, secrets) for container in group.containers),
        volumes=tuple(
            running.Volume(name=volume.name, secret_files=files_of(secrets, volume.name) if volume.secret else None)
            for volume in group.volumes
        ),
        restart_policy=_RESTART_POLICIES[group.restart_policy],
        capabilities=CAPABILITIES,
        sysctls=SYSCTLS,
    )


def _container(container: Container, secrets: Secrets) -> running.Container:
    plain = {name: value or "" for name, value in container.environment.items()}
    return running.Container(
        name=container.name,
        image=container.image,
        command=container.command,
        environment=plain | variables_of(secrets, container.name),
        cpu=container.cpu,
        memory_gb=container.memory_gb,
        mounts=container.mounts,
        liveness=container.liveness,
        readiness=container.readiness,
    )
