"""<region>.api.azureml.ms: discovery only. Runs, data and metrics are not built and are refused."""

from __future__ import annotations

from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service
from standin.machinelearning.errors import envelope
from standin.machinelearning.handlers import discovery


class DiscoveryService(Service):
    hosts = (".api.azureml.ms",)
    routes = (Route("GET", "/discovery", discovery),)

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)
