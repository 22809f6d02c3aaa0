"""The storage in which Azure keeps what machines print."""

from __future__ import annotations

from standin.compute.handlers import LogHandlers
from standin.compute.routes import log_routes
from standin.compute.serial_logs import DOMAIN
from standin.core.errors import ServiceError
from standin.core.http import Response, Service


class SerialLogService(Service):
    hosts = (DOMAIN,)

    def __init__(self, handlers: LogHandlers) -> None:
        self.routes = log_routes(handlers)

    def error(self, problem: ServiceError) -> Response:
        """As storage refuses."""
        text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{problem.code}</Code></Error>'
        headers = {"content-type": "application/xml", "x-ms-error-code": problem.code}
        return Response(status=problem.status, body=text.encode(), headers=headers)
