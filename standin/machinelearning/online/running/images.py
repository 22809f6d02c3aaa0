"""Whether an endpoint's identity may pull an image, and fetching it: the registry itself decides.

The engine here also builds and pushes, so an image may lie on it already; Azure's hosts have none. Hence the registry
is asked even then.
"""

from __future__ import annotations

from standin.containerregistry.state import REFRESH_TOKEN_USER, Registries
from standin.containers import images
from standin.containers.docker_host import DockerHost
from standin.containers.images import Credentials, Image, server_of
from standin.machinelearning.online.errors import BadArgument


class DeploymentImages:
    def __init__(self, docker: DockerHost, registries: Registries) -> None:
        self._docker = docker
        self._registries = registries

    async def fetch(self, image: str, principal: str) -> Image:
        """Raises BadArgument, in Azure's words."""
        credentials = self._credentials(image, principal)
        refusal = await images.refusal(self._docker, image, credentials)
        if refusal is not None and (credentials is not None or not await images.is_here(self._docker, image)):
            raise self._refused(image, credentials, refusal)
        try:
            return await images.find_or_pull(self._docker, image, credentials)
        except images.PullFailed as problem:
            raise self._refused(image, credentials, str(problem)) from problem

    def _credentials(self, image: str, principal: str) -> Credentials | None:
        """None where the image's server is no registry of the subscription: then it must be public."""
        registry = self._registries.of_server(server_of(image))
        if registry is None:
            return None
        return Credentials(REFRESH_TOKEN_USER, self._registries.refresh_token(registry, principal))

    def _refused(self, image: str, credentials: Credentials | None, said: str) -> BadArgument:
        if credentials is not None and not any(word in said.lower() for word in ("not found", "unknown")):
            why = "Endpoint identity does not have pull permission on the registry."
            return BadArgument(why, "authorization-error")
        why = f"Unable to download user container image '{image}'."
        return BadArgument(why, "unable-to-download-user-container-image")
