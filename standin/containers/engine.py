"""Containers, networks and volumes in the Docker engine: one awaited call for each thing that it does. Decides nothing.

A container is meant by its name or its id. All raise what `DockerHost.run` raises.
https://docker-py.readthedocs.io/en/stable/api.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Literal

from docker.errors import APIError, NotFound

from standin.containers.docker_host import DockerHost

if TYPE_CHECKING:
    from docker import DockerClient

Inspected = Mapping[str, Any]
"""A container as `docker inspect` describes it."""


async def find(docker: DockerHost, *labels: str) -> list[Inspected]:
    """The containers of this stand-in, running or not, that carry all these labels ("name" or "name=value")."""

    def call(client: DockerClient) -> list[Inspected]:
        inspected: list[Inspected] = []
        for container in client.containers.list(all=True, filters=_labelled(docker, labels), sparse=True):
            with contextlib.suppress(NotFound):  # it went meanwhile
                inspected.append(client.api.inspect_container(str(container.id)))
        return inspected

    return await docker.run(call)


async def label_values(docker: DockerHost, label: str, *labels: str) -> set[str]:
    """The values of a label on any container, network or volume of this stand-in that carries the other labels too."""

    def call(client: DockerClient) -> set[str]:
        filters = _labelled(docker, [label, *labels])
        listed = (
            *client.containers.list(all=True, filters=filters, sparse=True),
            *client.networks.list(filters=filters),
            *client.volumes.list(filters=filters),
        )
        return {value for thing in listed if (value := (thing.attrs.get("Labels") or {}).get(label)) is not None}

    return await docker.run(call)


async def cores(docker: DockerHost) -> float:
    """Of the machine."""
    return await docker.run(lambda client: float(client.info()["NCPU"]))


async def inspect(docker: DockerHost, container: str) -> Inspected:
    inspected: Inspected = await docker.run(lambda client: client.api.inspect_container(container))
    return inspected


async def create(docker: DockerHost, name: str, body: Mapping[str, Any], *, start: bool = True) -> None:
    """`body` is that of `POST /containers/create`."""

    def call(client: DockerClient) -> None:
        created = client.api.create_container_from_config(dict(body), name)  # type: ignore[no-untyped-call]
        if start:
            client.api.start(created["Id"])

    await docker.run(call)


async def start(docker: DockerHost, container: str) -> None:
    await docker.run(lambda client: client.api.start(container))


async def stop(docker: DockerHost, container: str, *, timeout_seconds: int) -> None:
    """SIGTERM, and SIGKILL when the time is over. A container that is gone has stopped."""

    def call(client: DockerClient) -> None:
        with contextlib.suppress(NotFound):
            client.api.stop(container, timeout=timeout_seconds)

    await docker.run(call)


async def kill(docker: DockerHost, container: str) -> None:
    def call(client: DockerClient) -> None:
        with contextlib.suppress(APIError):  # not running any more
            client.api.kill(container)

    await docker.run(call)


async def restart(docker: DockerHost, container: str, *, timeout_seconds: int) -> None:
    """Also starts one that does not run."""
    await docker.run(lambda client: client.api.restart(container, timeout=timeout_seconds))


async def remove(docker: DockerHost, container: str) -> None:
    """With its anonymous volumes, running or not."""

    def call(client: DockerClient) -> None:
        with contextlib.suppress(NotFound):
            client.api.remove_container(container, v=True, force=True)

    await docker.run(call)


async def logs(docker: DockerHost, container: str, *, tail: int | None, timestamps: bool = False) -> str:
    """Both streams as text; the last `tail` lines, or all."""

    def call(client: DockerClient) -> str:
        last: int | Literal["all"] = "all" if tail is None else tail
        output = client.api.logs(container, stdout=True, stderr=True, tail=last, timestamps=timestamps)
        return bytes(output).decode("utf-8", "replace")

    return await docker.run(call)


async def log_lines(
    docker: DockerHost, container: str, *, tail: int | None, since: datetime | None, until: datetime | None
) -> list[tuple[str, str]]:
    """("stdout" or "stderr", line) in the order in which they were written; the last `tail` of them, or all."""

    def call(client: DockerClient) -> list[tuple[str, str]]:
        last: int | Literal["all"] = "all" if tail is None else tail
        begin, end = since.timestamp() if since else None, until.timestamp() if until else None
        dated = []
        for stream in ("stdout", "stderr"):
            output = client.api.logs(
                container,
                stdout=stream == "stdout",
                stderr=stream == "stderr",
                timestamps=True,
                tail=last,
                since=begin,
                until=end,
            )
            for line in bytes(output).decode("utf-8", "replace").splitlines():
                moment, _, text = line.partition(" ")
                dated.append((moment, stream, text))
        dated.sort(key=lambda entry: entry[0])
        return [(stream, text) for _, stream, text in dated]

    lines = await docker.run(call)
    return lines if tail is None else lines[max(0, len(lines) - tail) :]


async def execute(docker: DockerHost, container: str, command: Sequence[str]) -> int:
    """Runs a command in the container and answers its exit code."""

    def call(client: DockerClient) -> int:
        return int(client.containers.get(container).exec_run(list(command)).exit_code or 0)

    return await docker.run(call)


async def output_of(docker: DockerHost, container: str, command: Sequence[str]) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command that ends soon."""

    def call(client: DockerClient) -> tuple[int, str, str]:
        code, streams = client.containers.get(container).exec_run(list(command), demux=True)
        out, err = (bytes(one or b"").decode("utf-8", "replace") for one in streams)
        return int(code or 0), out, err

    return await docker.run(call)


async def begin(docker: DockerHost, container: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Starts a command in the container and does not wait for it."""

    def call(client: DockerClient) -> None:
        client.containers.get(container).exec_run(list(command), environment=dict(environment), detach=True)

    await docker.run(call)


async def put_files(docker: DockerHost, container: str, folder: str, tar: bytes | IO[bytes]) -> None:
    await docker.run(lambda client: client.containers.get(container).put_archive(folder, tar))


async def get_files(docker: DockerHost, container: str, folder: str) -> bytes:
    """A tar of the folder."""
    return await docker.run(lambda client: b"".join(client.containers.get(container).get_archive(folder)[0]))


async def save_files(docker: DockerHost, container: str, path: str, into: IO[bytes]) -> None:
    """The same of what may be large, piece by piece."""

    def call(client: DockerClient) -> None:
        for piece in client.containers.get(container).get_archive(path)[0]:
            into.write(piece)

    await docker.run(call)


async def ensure_network(docker: DockerHost, name: str, labels: Mapping[str, str]) -> None:
    def call(client: DockerClient) -> None:
        if not client.networks.list(names=[f"^{name}$"]):
            client.networks.create(name, driver="bridge", labels=dict(labels), check_duplicate=True)

    await docker.run(call)


async def ensure_volume(
    docker: DockerHost, name: str, labels: Mapping[str, str], *, options: Mapping[str, str] | None = None
) -> None:
    """Docker answers what exists when asked to create it. `options` are those of the driver "local"."""

    def call(client: DockerClient) -> None:
        client.volumes.create(name, driver="local", driver_opts=dict(options or {}), labels=dict(labels))

    await docker.run(call)


async def remove_labelled(docker: DockerHost, *labels: str) -> None:
    """Containers, then volumes and networks of this stand-in that carry all these labels."""

    def call(client: DockerClient) -> None:
        filters = _labelled(docker, labels)
        for container in client.containers.list(all=True, filters=filters, sparse=True):
            with contextlib.suppress(NotFound):
                container.remove(force=True, v=True)
        for volume in client.volumes.list(filters=filters):
            with contextlib.suppress(NotFound):
                volume.remove()
        for network in client.networks.list(filters=filters):
            with contextlib.suppress(NotFound):
                network.remove()

    await docker.run(call)


def _labelled(docker: DockerHost, labels: Sequence[str]) -> dict[str, str | list[str] | bool]:
    return {"label": [docker.own_label, *labels]}
