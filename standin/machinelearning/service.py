"""<region>.api.azureml.ms: discovery, runs and what they log. Data and models of its own are refused."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service
from standin.machinelearning.errors import envelope
from standin.machinelearning.jobs import Jobs


class RegionService(Service):
    hosts = (".api.azureml.ms",)

    def __init__(self, routes: Sequence[Route], jobs: Jobs) -> None:
        self.routes = routes
        self._jobs = jobs

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        self._jobs.begin()

    async def stop(self) -> None:
        await self._jobs.close()
