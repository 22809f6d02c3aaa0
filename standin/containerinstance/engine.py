"""Groups in Docker: blocking calls of the SDK, to be run in `DockerHost`'s threads. Decides nothing.

Everything carries the labels of this stand-in and `edgeway.group`, so that what was made is found again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ImageNotFound, NotFound
from docker.types import LogConfig, Mount

from standin.containerinstance.spec import Container, Port, Volume
from standin.containers.docker_host import KIND_LABEL, DockerHost
from standin.containers.group import pause

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container as DockerContainer

KIND, PAUSE = "container-group", "container-group-pause"
GROUP_LABEL, CONTAINER_LABEL, RUN_LABEL = "edgeway.group", "edgeway.container", "edgeway.run"
_RESTART: Mapping[str, Any] = {
    "Always": {"Name": "unless-stopped"},
    "OnFailure": {"Name": "on-failure"},
    "Never": {"Name": "no"},
}
_GIB = 1024**3
_STOP_S = 5
_TMPFS = {"type": "tmpfs", "device": "tmpfs", "o": "size=4m,mode=0755"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A container of a group as Docker has it."""

    container: str
    """Its name in the group; "" for the pause container."""
    run: str
    inspected: Mapping[str, Any]

    @property
    def running(self) -> bool:
        return bool(self.inspected["State"]["Running"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a group is called in Docker, and where it listens."""

    name: str
    address: str | None


class Engine:
    def __init__(self, host: DockerHost) -> None:
        self._host = host

    def labels(self, kind: str, place: Place, **more: str) -> dict[str, str]:
        return self._host.labels(kind, group=place.name, **more)

    # -- making

    def prepare(
        self, place: Place, volumes: Sequence[Volume], ports: Collection[Port]
    ) -> Callable[[DockerClient], str]:
        """Network, volumes and a running pause container; what is there already is kept. Answers the latter's id."""

        def call(client: DockerClient) -> str:
            if not client.networks.list(names=[f"^{place.name}$"]):
                client.networks.create(place.name, labels=self.labels(KIND, place))
            for volume in volumes:
                # Creating what exists answers what exists.
                client.volumes.create(
                    volume_name(place, volume),
                    driver="local",
                    driver_opts=_TMPFS if volume.secret else {},
                    labels=self.labels(KIND, place),
                )
            container = self._pause(client, place, volumes, ports)
            container.start()
            return str(container.id)

        return call

    def _pause(
        self, client: DockerClient, place: Place, volumes: Sequence[Volume], ports: Collection[Port]
    ) -> DockerContainer:
        with contextlib.suppress(NotFound):
            return client.containers.get(f"{place.name}-pause")
        return client.containers.create(
            self._pause_image(client),
            name=f"{place.name}-pause",
            hostname=place.name,
            network=place.name,
            ports={port.docker: (place.address, port.number) for port in ports if place.address},
            mounts=[
                Mount(f"{pause.VOLUMES}/{volume.name}", volume_name(place, volume), type="volume") for volume in volumes
            ],
            labels=self.labels(PAUSE, place),
            restart_policy=_RESTART["Always"],
            log_config=LogConfig(type="none"),
            mem_limit="16m",
        )

    def _pause_image(self, client: DockerClient) -> str:
        name = f"{self._host.prefix}pause:{pause.TAG}"
        try:
            client.images.get(name)
        except ImageNotFound:
            labels = [f"LABEL {key}={value}" for key, value in self._host.labels(PAUSE).items()]
            client.api.import_image_from_data(
                pause.image_archive(),
                repository=name.partition(":")[0],
                tag=pause.TAG,
                changes=['CMD ["/pause"]', *labels],
            )
        return name

    def fill(
        self, place: Place, volume: Volume, files: dict[str, bytes], owner: int | None
    ) -> Callable[[DockerClient], None]:
        """Secret files, into memory: readable by `owner` alone, or by all where several users share the volume."""
        content = pause.archive(files, mode=0o444 if owner is None else 0o400, owner=owner or 0)

        def call(client: DockerClient) -> None:
            client.containers.get(f"{place.name}-pause").put_archive(f"{pause.VOLUMES}/{volume.name}", content)

        return call

    def holds(self, place: Place, volume: Volume, files: Collection[str]) -> Callable[[DockerClient], bool]:
        """Whether the files are there: a tmpfs is empty again once nobody has it mounted."""

        def call(client: DockerClient) -> bool:
            try:
                pieces, _ = client.containers.get(f"{place.name}-pause").get_archive(f"{pause.VOLUMES}/{volume.name}")
            except NotFound:
                return False
            return pause.names_in(b"".join(pieces)) >= set(files)

        return call

    def create(
        self,
        place: Place,
        container: Container,
        *,
        run: str,
        image: str,
        environment: Mapping[str, str],
        restart_policy: str,
    ) -> Callable[[DockerClient], None]:
        def call(client: DockerClient) -> None:
            name = f"{place.name}-{container.name}"
            with contextlib.suppress(NotFound):
                client.containers.get(name).remove(force=True)
            cores = float(client.info()["NCPU"])
            client.containers.create(
                image,
                name=name,
                # ACI's command replaces the image's entry point; None keeps it.
                entrypoint=list(container.command) or None,
                environment=dict(environment),
                network_mode=f"container:{place.name}-pause",
                mounts=[
                    Mount(mount.path, f"{place.name}-{mount.volume}", type="volume", read_only=mount.read_only)
                    for mount in container.mounts
                ],
                # Docker refuses more cores than the machine has; Azure's machines have more than ours.
                nano_cpus=int(min(container.cpu, cores) * 1e9),
                mem_limit=int(container.memory_gb * _GIB),
                restart_policy=_RESTART[restart_policy],
                labels=self.labels(KIND, place, container=container.name, run=run),
                log_config=LogConfig(type="json-file", config={"max-size": "4m"}),
            ).start()

        return call

    # -- looking

    def find(self, place: Place) -> Callable[[DockerClient], list[Found]]:
        def call(client: DockerClient) -> list[Found]:
            listed = client.containers.list(all=True, filters=self._filter(f"{GROUP_LABEL}={place.name}"), sparse=True)
            found = []
            for container in listed:
                with contextlib.suppress(NotFound):
                    inspected = client.api.inspect_container(str(container.id))
                    labels = inspected["Config"]["Labels"]
                    found.append(
                        Found(
                            container=labels.get(CONTAINER_LABEL, ""),
                            run=labels.get(RUN_LABEL, ""),
                            inspected=inspected,
                        )
                    )
            return found

        return call

    def inner_address(self, place: Place) -> Callable[[DockerClient], str]:
        def call(client: DockerClient) -> str:
            settings = client.api.inspect_container(f"{place.name}-pause")["NetworkSettings"]
            return str(settings["Networks"][place.name]["IPAddress"])

        return call

    def groups(self, client: DockerClient) -> set[str]:
        """Names of all groups of which anything is there."""
        everything: Iterator[Mapping[str, str]] = (
            each.attrs.get("Labels") or {}
            for listed in (
                client.containers.list(all=True, filters=self._filter(), sparse=True),
                client.networks.list(filters=self._filter()),
                client.volumes.list(filters=self._filter()),
            )
            for each in listed
        )
        return {labels[GROUP_LABEL] for labels in everything if GROUP_LABEL in labels}

    # -- acting on what is there

    def remove(self, place: Place, *, keep_base: bool = False) -> Callable[[DockerClient], None]:
        """All of a group, or its own containers only: `keep_base` leaves address, network and volumes."""

        def call(client: DockerClient) -> None:
            only = f"{GROUP_LABEL}={place.name}"
            containers = client.containers.list(all=True, filters=self._filter(only), sparse=True)
            # The pause container last: the others live in its network.
            for container in sorted(containers, key=_is_pause):
                if not (keep_base and _is_pause(container)):
                    with contextlib.suppress(NotFound):
                        container.remove(force=True, v=True)
            if keep_base:
                return
            for volume in client.volumes.list(filters=self._filter(only)):
                with contextlib.suppress(NotFound):
                    volume.remove()
            for network in client.networks.list(filters=self._filter(only)):
                with contextlib.suppress(NotFound):
                    network.remove()
            if not self.groups(client):
                with contextlib.suppress(ImageNotFound, APIError):
                    client.images.remove(f"{self._host.prefix}pause:{pause.TAG}")

        return call

    def stop(self, place: Place) -> Callable[[DockerClient], None]:
        def call(client: DockerClient) -> None:
            running = client.containers.list(filters=self._filter(f"{GROUP_LABEL}={place.name}"), sparse=True)
            for container in sorted(running, key=_is_pause):
                container.stop(timeout=0 if _is_pause(container) else _STOP_S)

        return call

    def restart(self, place: Place, container: str, *, timeout_s: int = _STOP_S) -> Callable[[DockerClient], None]:
        def call(client: DockerClient) -> None:
            client.containers.get(f"{place.name}-{container}").restart(timeout=timeout_s)

        return call

    def logs(
        self, place: Place, container: str, *, tail: int | None, timestamps: bool
    ) -> Callable[[DockerClient], str]:
        def call(client: DockerClient) -> str:
            found = client.containers.get(f"{place.name}-{container}")
            text = found.logs(tail="all" if tail is None else tail, timestamps=timestamps)
            return bytes(text).decode("utf-8", "replace")

        return call

    def end(self, place: Place, container: str) -> Callable[[DockerClient], None]:
        def call(client: DockerClient) -> None:
            client.containers.get(f"{place.name}-{container}").stop(timeout=_STOP_S)

        return call

    def execute(self, place: Place, container: str, command: Sequence[str]) -> Callable[[DockerClient], int]:
        def call(client: DockerClient) -> int:
            found = client.containers.get(f"{place.name}-{container}")
            return int(found.exec_run(list(command)).exit_code or 0)

        return call

    def _filter(self, *more: str) -> dict[str, Any]:
        (own,) = self._host.labels().items()
        return {"label": ["=".join(own), GROUP_LABEL, *more]}


def _is_pause(container: DockerContainer) -> bool:
    """Of a sparse one, as listed."""
    return (container.attrs.get("Labels") or {}).get(KIND_LABEL) == PAUSE


def volume_name(place: Place, volume: Volume) -> str:
    return f"{place.name}-{volume.name}"
