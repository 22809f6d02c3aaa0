"""<account>.blob.core.windows.net: the table of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from standin.blob.handlers import BlobHandlers
from standin.blob.state import Blobs
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, WebSocketHandler


class BlobService:
    hosts: Sequence[str] = (".blob.core.windows.net",)
    websockets: Mapping[str, WebSocketHandler] = {}
    throttles = False
    """Storage takes 20,000 requests a second; the `slow` profile's bad day does not reach it."""

    def __init__(self, handlers: BlobHandlers, blobs: Blobs) -> None:
        self._blobs = blobs
        self.routes: Sequence[Route] = (
            Route("*", "/", handlers.account),
            Route("*", "/{container}", handlers.container),
            Route("GET", "/{container}/{blob:path}", handlers.read),
            Route("HEAD", "/{container}/{blob:path}", handlers.read),
            Route("PUT", "/{container}/{blob:path}", handlers.write, streaming=True),
            Route("DELETE", "/{container}/{blob:path}", handlers.delete),
        )

    async def start(self) -> None:
        self._blobs.sweep()

    async def stop(self) -> None:
        return None

    def error(self, problem: ServiceError) -> Response:
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{escape(problem.code)}</Code>'
            f"<Message>{escape(problem.message)}</Message></Error>"
        )
        headers = {"content-type": "application/xml", "x-ms-error-code": problem.code, **problem.headers}
        return Response(status=problem.status, body=text.encode(), headers=headers)
