"""The Docker engine as one device sees it. Blocking pieces of docker SDK code, to be run in a thread.

https://docker-py.readthedocs.io/en/stable/api.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound

from standin.edgeruntime.agent.plan import Observed

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

    from standin.edgeruntime.agent.deployment import Credential

PLACE_LABEL = "edgeway.place"
MODULE_LABEL = "edgeway.module"
FINGERPRINT_LABEL = "edgeway.fingerprint"
INSTANCE_LABEL = "edgeway.standin"
STOP_S = 10
NOT_YET = "0001-01-01T00:00:00Z"


class PullFailed(Exception):
    """The image could not be pulled; the message is the engine's."""


def observe(client: DockerClient, instance: str, slug: str, network: str) -> dict[str, Observed]:
    found = _containers(client, instance, slug)
    return {one.labels[MODULE_LABEL]: _observed(one.attrs, network) for one in found if MODULE_LABEL in one.labels}


def _containers(client: DockerClient, instance: str, slug: str) -> list[Container]:
    labels: list[str] = [f"{INSTANCE_LABEL}={instance}", f"{PLACE_LABEL}={slug}"]
    return client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)


def _observed(attrs: Mapping[str, Any], network: str) -> Observed:
    labels, state = attrs["Config"]["Labels"], attrs["State"]
    endpoint = attrs["NetworkSettings"]["Networks"].get(network) or {}
    return Observed(
        name=labels[MODULE_LABEL],
        id=attrs["Id"],
        fingerprint=labels.get(FINGERPRINT_LABEL, ""),
        state=state["Status"],
        exit_code=state["ExitCode"],
        started="" if state["StartedAt"] == NOT_YET else state["StartedAt"],
        finished="" if state["FinishedAt"] == NOT_YET else state["FinishedAt"],
        image=attrs["Image"],
        address=endpoint.get("IPAddress", ""),
    )


def ensure_network(client: DockerClient, name: str, labels: Mapping[str, str]) -> None:
    if not client.networks.list(names=[f"^{name}$"]):
        client.networks.create(name, driver="bridge", labels=dict(labels), check_duplicate=True)


def ensure_volume(client: DockerClient, name: str, labels: Mapping[str, str]) -> None:
    try:
        client.volumes.get(name)
    except NotFound:
        client.volumes.create(name, labels=dict(labels))


def pull(client: DockerClient, image: str, credential: Credential | None) -> None:
    """With the manifest's credentials or none: a device has no `docker login`."""
    auth: dict[str, str] = {}
    if credential is not None:
        auth = {"username": credential.username, "password": credential.password}
    if "@" not in image and ":" not in image.rpartition("/")[2]:
        image = f"{image}:latest"
    try:
        for event in client.api.pull(image, stream=True, decode=True, auth_config=auth):
            if "error" in event:
                raise PullFailed(str(event["error"]))
    except APIError as problem:
        raise PullFailed(problem.explanation or str(problem)) from problem


def create(client: DockerClient, name: str, body: Mapping[str, Any], *, replaces: str | None, start: bool) -> None:
    if replaces:
        stop_and_remove(client, replaces)
    created = client.api.create_container_from_config(dict(body), name)  # type: ignore[no-untyped-call]
    if start:
        client.api.start(created["Id"])


def stop(client: DockerClient, container: str) -> None:
    """SIGTERM, and SIGKILL ten seconds later."""
    with contextlib.suppress(NotFound):
        client.api.stop(container, timeout=STOP_S)


def kill(client: DockerClient, container: str) -> None:
    with contextlib.suppress(NotFound, APIError):  # not running any more
        client.api.kill(container)


def remove(client: DockerClient, container: str) -> None:
    with contextlib.suppress(NotFound):
        client.api.remove_container(container, v=True, force=True)


def stop_and_remove(client: DockerClient, container: str) -> None:
    stop(client, container)
    remove(client, container)


def start(client: DockerClient, container: str) -> None:
    client.api.start(container)


def restart(client: DockerClient, container: str) -> None:
    client.api.restart(container, timeout=STOP_S)


def logs(client: DockerClient, container: str, *, tail: int | None) -> str:
    output: bytes = client.api.logs(container, stdout=True, stderr=True, tail=tail if tail is not None else "all")
    return output.decode(errors="replace")


def remove_all(client: DockerClient, instance: str, slug: str, network: str, volume: str) -> None:
    """Everything that a device had."""
    for container in _containers(client, instance, slug):
        remove(client, container.attrs["Id"])
    with contextlib.suppress(NotFound):
        client.networks.get(network).remove()
    with contextlib.suppress(NotFound):
        client.volumes.get(volume).remove(force=True)
