"""<region>.api.azureml.ms: discovery only. Runs, data and metrics are not built and are refused."""

from __future__ import annotations

from standin.core.errors import ServiceError
from standin.core.http import Response, Service
from standin.machinelearning.errors import envelope
from standin.machinelearning.routes import ROUTES


class DiscoveryService(Service):
    hosts = (".api.azureml.ms",)
    routes = ROUTES

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)
