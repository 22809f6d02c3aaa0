"""The image of a job's environment, pulled as the identity of its compute may."""

from __future__ import annotations

from standin.containers.images import Image, PullFailed
from standin.core.arm import Arm
from standin.machinelearning.image_pulls import ImagePulls
from standin.machinelearning.jobs.errors import JobFailed


class JobImages:
    def __init__(self, arm: Arm, pulls: ImagePulls) -> None:
        self._arm = arm
        self._pulls = pulls

    async def fetch(self, environment_id: str, principal: str) -> Image:
        """Pulled where it is not on the engine yet. Raises JobFailed."""
        image = self._named(environment_id)
        try:
            return await self._pulls.fetch(image, principal)
        except PullFailed as problem:
            raise JobFailed(f"Failed to pull Docker image {image}. {problem}") from problem

    def _named(self, environment_id: str) -> str:
        environment = self._arm.get(environment_id)
        image = environment.properties.get("image") if environment else None
        if not isinstance(image, str) or not image:
            raise JobFailed(f"The environment '{environment_id}' has no image: others are not built here.")
        return image
