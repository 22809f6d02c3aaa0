"""The image of a deployment, pulled as the endpoint's identity may, and refused in Azure's words."""

from __future__ import annotations

from standin.containers.images import Image, PullFailed
from standin.machinelearning.image_pulls import ImagePulls
from standin.machinelearning.online.errors import BadArgument, ImagePullLoop


class DeploymentImages:
    def __init__(self, pulls: ImagePulls) -> None:
        self._pulls = pulls

    async def fetch(self, image: str, principal: str, *, on_kubernetes: bool = False) -> Image:
        """Raises BadArgument, or on Kubernetes ImagePullLoop."""
        try:
            return await self._pulls.fetch(image, principal)
        except PullFailed as problem:
            if on_kubernetes:
                raise ImagePullLoop(f"The cluster cannot pull the image '{image}': {problem}.") from problem
            raise self._refused(image, str(problem)) from problem

    def _refused(self, image: str, said: str) -> BadArgument:
        if self._pulls.asks_who_pulls(image) and not any(word in said.lower() for word in ("not found", "unknown")):
            why = "Endpoint identity does not have pull permission on the registry."
            return BadArgument(why, "authorization-error")
        why = f"Unable to download user container image '{image}'."
        return BadArgument(why, "unable-to-download-user-container-image")
