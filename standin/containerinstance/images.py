"""Whether a group may have its images, and fetching them: the registry itself decides, asked by the Docker engine.

The engine here also builds and pushes, so an image may lie on it already; Azure's hosts have none. Hence the registry
is asked even then, or a group would start without any right to its image.
https://learn.microsoft.com/azure/container-instances/using-azure-container-registry-mi
"""

from __future__ import annotations

from standin.containerinstance.errors import InaccessibleImage, InvalidImageRegistryIdentity, RegistryErrorResponse
from standin.containerinstance.sealing import Secrets
from standin.containerinstance.spec import Credential, Group
from standin.containerregistry.state import REFRESH_TOKEN_USER, Registries
from standin.containers import images
from standin.containers.docker_host import DockerHost
from standin.containers.images import Credentials, Image, server_of
from standin.core.arm import Arm

_REFUSALS = ("denied", "unauthorized", "authentication required", "no basic auth", "not found", "manifest unknown")


def check_identities(group: Group) -> None:
    """An identity that pulls must be one of the group's own."""
    for credential in group.credentials:
        if credential.identity is not None and credential.identity not in group.identities:
            raise InvalidImageRegistryIdentity(group.name)


class GroupImages:
    def __init__(self, docker: DockerHost, arm: Arm, registries: Registries) -> None:
        self._docker = docker
        self._arm = arm
        self._registries = registries

    async def check_access(self, group: Group, secrets: Secrets) -> None:
        """Asks the registry of every image for it, with the group's credentials; refuses as Azure does."""
        for image in sorted({container.image for container in group.containers}):
            await self._check_one(group, image, self._credentials(group, secrets, image))

    async def fetch(self, group: Group, secrets: Secrets) -> dict[str, Image]:
        """The image of each container, by the container's name; pulled where it is not on the engine yet."""
        return {
            container.name: await self._fetch_one(group, secrets, container.image) for container in group.containers
        }

    async def _check_one(self, group: Group, image: str, credentials: Credentials | None) -> None:
        answer = await images.refusal(self._docker, image, credentials)
        if answer is None:
            return
        if any(word in answer.lower() for word in _REFUSALS):
            raise InaccessibleImage(image, group.name)
        # No registry there. A public image that the engine holds will do; what needs a login is never taken unasked.
        if credentials is not None or not await images.is_here(self._docker, image):
            raise RegistryErrorResponse(server_of(image))

    async def _fetch_one(self, group: Group, secrets: Secrets, image: str) -> Image:
        try:
            return await images.find_or_pull(self._docker, image, self._credentials(group, secrets, image))
        except images.ImageInaccessible as problem:
            raise InaccessibleImage(image, group.name) from problem
        except images.PullFailed as problem:
            raise RegistryErrorResponse(server_of(image)) from problem

    def _credentials(self, group: Group, secrets: Secrets, image: str) -> Credentials | None:
        """None: nothing was given for this image's registry."""
        server = server_of(image)
        for credential in group.credentials:
            if credential.server == server:
                return self._login(group, secrets, credential, image)
        return None

    def _login(self, group: Group, secrets: Secrets, credential: Credential, image: str) -> Credentials:
        if credential.identity is None:
            return Credentials(str(credential.username), secrets.get(f"registry/{credential.server}", ""))
        identity = self._arm.get(credential.identity)
        registry = self._registries.of_server(credential.server)
        if identity is None or registry is None:
            raise InaccessibleImage(image, group.name)
        token = self._registries.refresh_token(registry, identity.properties["principalId"])
        return Credentials(REFRESH_TOKEN_USER, token)
