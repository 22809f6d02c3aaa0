"""Pulling an image as an identity may: the registry itself decides, asked by the Docker engine.

The engine here also builds and pushes, so an image may lie on it already; Azure's machines have none. Hence it
is asked even then.
https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
"""

from __future__ import annotations

from standin.containerregistry.state import REFRESH_TOKEN_USER, Registries
from standin.containers import images
from standin.containers.docker_host import DockerHost
from standin.containers.images import Credentials, Image, PullFailed, server_of


class ImagePulls:
    def __init__(self, docker: DockerHost, registries: Registries) -> None:
        self._docker = docker
        self._registries = registries

    async def fetch(self, image: str, principal: str) -> Image:
        """Pulled where it is not on the engine yet. Raises PullFailed."""
        login = self._login(image, principal)
        refusal = await images.refusal(self._docker, image, login)
        if refusal is not None and (login is not None or not await images.is_here(self._docker, image)):
            raise PullFailed(refusal)
        return await images.find_or_pull(self._docker, image, login)

    def asks_who_pulls(self, image: str) -> bool:
        """Whether it lies in a registry of the subscription: any other must be public."""
        return self._registries.of_server(server_of(image)) is not None

    def _login(self, image: str, principal: str) -> Credentials | None:
        registry = self._registries.of_server(server_of(image))
        if registry is None:
            return None
        return Credentials(REFRESH_TOKEN_USER, self._registries.refresh_token(registry, principal))
