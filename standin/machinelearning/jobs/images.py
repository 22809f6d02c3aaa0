"""The image of a job's environment: the registry itself decides who may have it, asked by the Docker engine.

The engine here also builds and pushes, so an image may lie on it already; Azure's nodes have none. Hence the registry
is asked even then. https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
"""

from __future__ import annotations

from standin.containerregistry.state import REFRESH_TOKEN_USER, Registries
from standin.containers import images
from standin.containers.docker_host import DockerHost
from standin.containers.images import Credentials, Image, PullFailed, server_of
from standin.core.arm import Arm
from standin.machinelearning.jobs.errors import JobFailed


class JobImages:
    def __init__(self, docker: DockerHost, arm: Arm, registries: Registries) -> None:
        self._docker = docker
        self._arm = arm
        self._registries = registries

    async def fetch(self, environment_id: str, principal: str) -> Image:
        """Pulled where it is not on the engine yet. Raises JobFailed."""
        image = self._named(environment_id)
        login = self._login(image, principal)
        answer = await images.refusal(self._docker, image, login)
        if answer is not None and (login is not None or not await images.is_here(self._docker, image)):
            raise JobFailed(f"Failed to pull Docker image {image}. {answer}")
        try:
            return await images.find_or_pull(self._docker, image, login)
        except PullFailed as problem:
            raise JobFailed(f"Failed to pull Docker image {image}. {problem}") from problem

    def _named(self, environment_id: str) -> str:
        environment = self._arm.get(environment_id)
        image = environment.properties.get("image") if environment else None
        if not isinstance(image, str) or not image:
            raise JobFailed(f"The environment '{environment_id}' has no image: others are not built here.")
        return image

    def _login(self, image: str, principal: str) -> Credentials | None:
        """None: the registry is none of Azure's, and asked without."""
        registry = self._registries.of_server(server_of(image))
        if registry is None:
            return None
        return Credentials(REFRESH_TOKEN_USER, self._registries.refresh_token(registry, principal))
