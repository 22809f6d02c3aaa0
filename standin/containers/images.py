"""Images: whether a registry lets one be pulled, pulling, building, and what the engine holds already.

Credentials are always those that the caller gives, or none: the login of whoever started the stand-in is never taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from docker.errors import APIError, ImageNotFound

from standin.containers.docker_host import DockerHost

if TYPE_CHECKING:
    from docker import DockerClient

_HUB = "docker.io"
_BUILD_TAIL = 2000


class PullFailed(Exception):
    """The image could not be pulled; the message is the engine's."""


class ImageInaccessible(PullFailed):
    """The registry has no such image, or does not let these credentials have it."""


class BuildFailed(Exception):
    """The image could not be built; the message ends with the build's own words."""


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Image:
    id: str


def server_of(image: str) -> str:
    """The registry that an image's name points to, as Docker reads names."""
    first, slash, _ = image.partition("/")
    return first.lower() if slash and ("." in first or ":" in first or first == "localhost") else _HUB


async def refusal(docker: DockerHost, image: str, credentials: Credentials | None) -> str | None:
    """Asks the image's registry for it. None: these credentials may have it; else what was said instead."""

    def call(client: DockerClient) -> str | None:
        login = {"username": "", "password": ""} | _login(credentials)  # None would take the caller's ~/.docker
        try:
            client.images.get_registry_data(image, auth_config=dict(login))
        except APIError as problem:
            return str(problem.explanation or problem)
        return None

    return await docker.run(call)


async def is_here(docker: DockerHost, image: str) -> bool:
    return await docker.run(lambda client: _is_here(client, image))


async def find_or_pull(docker: DockerHost, image: str, credentials: Credentials | None) -> Image:
    """Raises PullFailed."""
    if not await is_here(docker, image):
        await pull(docker, image, credentials)

    def call(client: DockerClient) -> Image:
        try:
            local = client.images.get(image)
        except ImageNotFound as problem:
            raise ImageInaccessible(problem.explanation or str(problem)) from problem
        return Image(str(local.id))

    return await docker.run(call)


async def pull(docker: DockerHost, image: str, credentials: Credentials | None) -> None:
    """Raises PullFailed."""
    if "@" not in image and ":" not in image.rpartition("/")[2]:
        image = f"{image}:latest"

    def call(client: DockerClient) -> None:
        try:
            for event in client.api.pull(image, stream=True, decode=True, auth_config=_login(credentials)):
                if "error" in event:
                    raise ImageInaccessible(str(event["error"]))
        except ImageNotFound as problem:
            raise ImageInaccessible(problem.explanation or str(problem)) from problem
        except APIError as problem:
            raise PullFailed(problem.explanation or str(problem)) from problem

    await docker.run(call)


async def ensure_built(
    docker: DockerHost, tag: str, context: Callable[[], IO[bytes]], labels: Mapping[str, str]
) -> None:
    """Builds unless the tag is there. `context` makes a tar with the Dockerfile. Raises BuildFailed."""

    def call(client: DockerClient) -> None:
        if not _is_here(client, tag):
            _build(client, tag, context(), labels)

    await docker.run(call)


async def ensure_imported(docker: DockerHost, tag: str, tar: bytes, changes: Sequence[str]) -> None:
    """Makes an image of one layer, a tar, unless the tag is there. `changes` are lines of a Dockerfile."""

    def call(client: DockerClient) -> None:
        if not _is_here(client, tag):
            repository, _, version = tag.rpartition(":")
            client.api.import_image_from_data(tar, repository=repository, tag=version, changes=list(changes))

    await docker.run(call)


async def remove(docker: DockerHost, tag: str) -> None:
    """Unless something still uses it."""

    def call(client: DockerClient) -> None:
        with contextlib.suppress(APIError):
            client.images.remove(tag)

    await docker.run(call)


def _login(credentials: Credentials | None) -> dict[str, str]:
    return {"username": credentials.username, "password": credentials.password} if credentials else {}


def _is_here(client: DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _build(client: DockerClient, tag: str, context: IO[bytes], labels: Mapping[str, str]) -> None:
    output: list[str] = []
    stream = client.api.build(
        fileobj=context, custom_context=True, tag=tag, labels=dict(labels), rm=True, forcerm=True, decode=True
    )
    for event in stream:
        output.append(event.get("stream", ""))
        if "error" in event:
            raise BuildFailed(f"{event['error']}: {''.join(output)[-_BUILD_TAIL:]}")
