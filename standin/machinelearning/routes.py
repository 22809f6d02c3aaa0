"""<region>.api.azureml.ms: discovery only. Runs, data and metrics are not built and are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.errors import ServiceError
from standin.core.http import Request, Response, Route, WebSocketHandler, json_response


class DiscoveryService:
    hosts: Sequence[str] = (".api.azureml.ms",)
    websockets: Mapping[str, WebSocketHandler] = {}

    def __init__(self) -> None:
        self.routes: Sequence[Route] = (Route("GET", "/discovery", self._discovery),)

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    def error(self, problem: ServiceError) -> Response:
        body = {"error": {"code": problem.code, "message": problem.message}, "statusCode": problem.status}
        return json_response(body, problem.status, problem.headers)

    async def _discovery(self, request: Request, _: Mapping[str, str]) -> Response:
        base = f"https://{request.host}"
        return json_response({"api": base, "history": base, "experimentation": base, "studio": "https://ml.azure.com"})
