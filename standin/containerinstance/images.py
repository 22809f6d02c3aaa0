"""Whether a group may have its images, and fetching them: the registry itself decides, asked by the Docker engine.

The engine here also builds and pushes, so an image may lie on it already; Azure's hosts have none. Hence the registry
is asked even then, or a group would start without any right to its image.
https://learn.microsoft.com/azure/container-instances/using-azure-container-registry-mi
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ImageNotFound

from standin.containerinstance.errors import InaccessibleImage, InvalidImageRegistryIdentity, RegistryErrorResponse
from standin.containerinstance.sealing import Secrets
from standin.containerinstance.spec import Credential, Group
from standin.containerregistry.state import REFRESH_TOKEN_USER

if TYPE_CHECKING:
    from docker import DockerClient

    from standin.core.world import World

_HUB = "docker.io"
_REFUSALS = ("denied", "unauthorized", "authentication required", "no basic auth", "not found", "manifest unknown")


def server_of(image: str) -> str:
    """The registry that an image's name points to, as Docker reads names."""
    first, slash, _ = image.partition("/")
    return first.lower() if slash and ("." in first or ":" in first or first == "localhost") else _HUB


def check_identities(group: Group) -> None:
    """An identity that pulls must be one of the group's own."""
    for credential in group.credentials:
        if credential.identity is not None and credential.identity not in group.identities:
            raise InvalidImageRegistryIdentity(group.name)


async def check_access(world: World, group: Group, secrets: Secrets) -> None:
    """Asks the registry of every image for it, with the group's credentials; refuses as Azure does."""
    for image in sorted({container.image for container in group.containers}):
        await _check_one(world, group, image, login(world, group, secrets, image))


async def _check_one(world: World, group: Group, image: str, credentials: dict[str, str] | None) -> None:
    answer = await world.docker.run(lambda client: _ask(client, image, credentials))
    if answer is None:
        return
    if any(word in answer.lower() for word in _REFUSALS):
        raise InaccessibleImage(image, group.name)
    # No registry there. A public image that the engine holds will do; one that needs a login is never taken unasked.
    if credentials is not None or not await world.docker.run(lambda client: _is_here(client, image)):
        raise RegistryErrorResponse(server_of(image))


async def fetch(world: World, group: Group, secrets: Secrets, image: str) -> tuple[str, str]:
    """(id, user) of an image on the engine, pulled when it is not there yet."""
    credentials = login(world, group, secrets, image)

    def call(client: DockerClient) -> tuple[str, str]:
        try:
            try:
                found = client.images.get(image)
            except ImageNotFound:
                found = client.images.pull(image, auth_config=credentials)
        except ImageNotFound as problem:
            raise InaccessibleImage(image, group.name) from problem
        except APIError as problem:
            raise RegistryErrorResponse(server_of(image)) from problem
        return str(found.id), str((found.attrs.get("Config") or {}).get("User") or "")

    return await world.docker.run(call)


def login(world: World, group: Group, secrets: Secrets, image: str) -> dict[str, str] | None:
    """What the engine logs in with; None: nothing was given for this registry."""
    server = server_of(image)
    for credential in group.credentials:
        if credential.server == server:
            return _login(world, group, secrets, credential, image)
    return None


def _login(world: World, group: Group, secrets: Secrets, credential: Credential, image: str) -> dict[str, str]:
    if credential.identity is None:
        return {"username": str(credential.username), "password": secrets.get(f"registry/{credential.server}", "")}
    identity = world.arm.get(credential.identity)
    registry = world.registries.of_server(credential.server)
    if identity is None or registry is None:
        raise InaccessibleImage(image, group.name)
    token = world.registries.refresh_token(registry, identity.properties["principalId"])
    return {"username": REFRESH_TOKEN_USER, "password": token}


def _ask(client: DockerClient, image: str, credentials: dict[str, str] | None) -> str | None:
    """None: the registry has it and lets these credentials have it; else what was said instead."""
    try:
        client.images.get_registry_data(image, auth_config=_none_or(credentials))
    except APIError as problem:
        return str(problem.explanation or problem)
    return None


def _none_or(credentials: dict[str, str] | None) -> dict[str, Any]:
    # An empty login instead of None: with None the SDK takes the caller's own ~/.docker, which is not the group's.
    return dict(credentials) if credentials else {"username": "", "password": ""}


def _is_here(client: DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True
