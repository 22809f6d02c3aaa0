"""What a group consists of in Docker: a network, volumes, a pause container that holds them, and its own containers.

Everything carries the labels of this stand-in and `edgeway.group`, so that what was made is found again. Nothing is
decided here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from standin.containers import engine, images
from standin.containers.docker_host import KIND_LABEL, DockerHost
from standin.containers.errors import NotInEngine
from standin.containers.group import pause
from standin.containers.group.spec import Container, Group, GroupNames, RestartPolicy, Volume
from standin.containers.images import Image

GROUP_LABEL, CONTAINER_LABEL, RUN_LABEL = "edgeway.group", "edgeway.container", "edgeway.run"
STOP_SECONDS = 5
"""From SIGTERM to SIGKILL."""
_PAUSE = "container-group-pause"
"""The kind of every pause container, whosever group it holds."""
_GIB = 1024**3
_PAUSE_MEMORY = 16 * 1024**2
_TMPFS = {"type": "tmpfs", "device": "tmpfs", "o": "size=4m,mode=0755"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A container of a group as Docker has it."""

    container: str
    """Its name in the group; "" for the pause container."""
    run: str
    inspected: engine.Inspected


# -- making


async def prepare(docker: DockerHost, group: Group) -> None:
    """Network, volumes with their files, and a running pause container; what is there already is kept."""
    labels = _labels(docker, group.names)
    await engine.ensure_network(docker, group.names.network, labels)
    for volume in group.volumes:
        options = _TMPFS if volume.secret_files is not None else {}
        await engine.ensure_volume(docker, group.names.volume(volume.name), labels, options=options)
    await _ensure_pause(docker, group)
    for volume in group.volumes:
        content = _content(volume)
        if content is not None:
            await engine.put_files(docker, group.names.pause, f"{pause.VOLUMES}/{volume.name}", content)


def _content(volume: Volume) -> bytes | None:
    if volume.secret_files is not None:
        return pause.archive(volume.secret_files, mode=0o400, owner=0)
    return pause.archive(volume.files, mode=0o444, owner=0) if volume.files else None


async def _ensure_pause(docker: DockerHost, group: Group) -> None:
    try:
        await engine.inspect(docker, group.names.pause)
    except NotInEngine:
        await engine.create(docker, group.names.pause, await _pause_body(docker, group), start=False)
    await engine.start(docker, group.names.pause)


async def _pause_body(docker: DockerHost, group: Group) -> dict[str, Any]:
    names = group.names
    bindings = {port.docker: _binding(group.address, port.number) for port in group.ports if group.address}
    return {
        "Image": await _ensure_pause_image(docker),
        "Hostname": names.host,
        "Labels": docker.labels(_PAUSE, group=names.group),
        "ExposedPorts": {port: {} for port in bindings},
        "HostConfig": {
            "NetworkMode": names.network,
            "PortBindings": bindings,
            "Mounts": [_mount(names, each.name, f"{pause.VOLUMES}/{each.name}") for each in group.volumes],
            "RestartPolicy": {"Name": RestartPolicy.ALWAYS.value},
            "LogConfig": {"Type": "none", "Config": {}},
            "Memory": _PAUSE_MEMORY,
            # of the network that all of the group share
            "Sysctls": dict(group.sysctls),
        },
    }


async def _ensure_pause_image(docker: DockerHost) -> str:
    labels = (f"LABEL {key}={value}" for key, value in docker.labels(_PAUSE).items())
    await images.ensure_imported(docker, _pause_image(docker), pause.image_archive(), ['CMD ["/pause"]', *labels])
    return _pause_image(docker)


async def create(docker: DockerHost, group: Group, container: Container, image: Image) -> None:
    """Takes the place of the container of that name."""
    name = group.names.container(container.name)
    await engine.remove(docker, name)
    await engine.create(docker, name, _container_body(docker, group, container, image, await engine.cores(docker)))


def _container_body(
    docker: DockerHost, group: Group, container: Container, image: Image, cores: float
) -> dict[str, Any]:
    names = group.names
    return {
        "Image": image.id,
        "Entrypoint": list(container.command) or None,
        "Env": [f"{name}={value}" for name, value in container.environment.items()],
        "Labels": _labels(docker, names, container=container.name, run=group.run),
        "HostConfig": {
            "NetworkMode": f"container:{names.pause}",
            "Mounts": [
                _mount(names, mount.volume, mount.path, read_only=mount.read_only) for mount in container.mounts
            ],
            # Docker refuses more cores than the machine has; Azure's machines have more than ours.
            "NanoCpus": int(min(container.cpu, cores) * 1e9),
            "Memory": int(container.memory_gb * _GIB),
            "RestartPolicy": {"Name": group.restart_policy.value},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "4m"}},
            "CapDrop": ["ALL"],
            "CapAdd": list(group.capabilities),
        },
    }


# -- looking


async def members(docker: DockerHost, names: GroupNames) -> list[Member]:
    """The pause container is among them."""
    return [_member(container) for container in await engine.find(docker, f"{GROUP_LABEL}={names.group}")]


async def inner_address(docker: DockerHost, names: GroupNames) -> str:
    """The group's address on its own network."""
    settings = (await engine.inspect(docker, names.pause))["NetworkSettings"]
    return str(settings["Networks"][names.network]["IPAddress"])


async def holds_secrets(docker: DockerHost, group: Group) -> bool:
    """Whether all secret files are there: a tmpfs is empty again once nobody has it mounted."""
    for volume in group.volumes:
        if volume.secret_files and not await _holds(docker, group.names, volume.name, volume.secret_files):
            return False
    return True


async def _holds(docker: DockerHost, names: GroupNames, volume: str, files: Collection[str]) -> bool:
    try:
        archived = await engine.get_files(docker, names.pause, f"{pause.VOLUMES}/{volume}")
    except NotInEngine:
        return False
    return pause.names_in(archived) >= set(files)


async def names_in_engine(docker: DockerHost, kind: str) -> set[str]:
    """Names of the groups of a kind of which anything is there."""
    return await engine.label_values(docker, GROUP_LABEL, f"{KIND_LABEL}={kind}")


# -- acting on what is there


async def remove(docker: DockerHost, names: GroupNames) -> None:
    """All of it; with the last group of all kinds goes the pause image."""
    only = f"{GROUP_LABEL}={names.group}"
    await engine.remove_labelled(docker, only, CONTAINER_LABEL)  # they live in the pause container's network
    await engine.remove_labelled(docker, only)
    if not await engine.label_values(docker, GROUP_LABEL):
        await images.remove(docker, _pause_image(docker))


async def stop(docker: DockerHost, names: GroupNames) -> None:
    """Its own containers first, then the pause container."""
    running = [each for each in await members(docker, names) if each.inspected["State"]["Running"]]
    for member in sorted(running, key=lambda each: each.container == ""):
        timeout = STOP_SECONDS if member.container else 0
        await engine.stop(docker, str(member.inspected["Id"]), timeout_seconds=timeout)


# -- small things


def _labels(docker: DockerHost, names: GroupNames, **more: str) -> dict[str, str]:
    return docker.labels(names.kind, group=names.group, **more)


def _binding(address: str | None, port: int) -> list[dict[str, str]]:
    return [{"HostIp": str(address), "HostPort": str(port)}]


def _mount(names: GroupNames, volume: str, path: str, *, read_only: bool = False) -> dict[str, Any]:
    return {"Type": "volume", "Source": names.volume(volume), "Target": path, "ReadOnly": read_only}


def _member(inspected: engine.Inspected) -> Member:
    labels = inspected["Config"]["Labels"]
    return Member(container=labels.get(CONTAINER_LABEL, ""), run=labels.get(RUN_LABEL, ""), inspected=inspected)


def _pause_image(docker: DockerHost) -> str:
    return f"{docker.prefix}pause:{pause.TAG}"
