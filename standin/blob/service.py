"""<account>.blob.core.windows.net."""

from __future__ import annotations

from collections.abc import Sequence

from standin.blob.errors import envelope
from standin.blob.state import Blobs
from standin.core.errors import ServiceError
from standin.core.http import Response, Route, Service


class BlobService(Service):
    hosts = (".blob.core.windows.net",)
    throttles = False
    """Storage takes 20,000 requests a second; the `slow` profile's bad day does not reach it."""

    def __init__(self, routes: Sequence[Route], blobs: Blobs) -> None:
        self.routes = routes
        self._blobs = blobs

    def error(self, problem: ServiceError) -> Response:
        return envelope(problem)

    async def start(self) -> None:
        self._blobs.start()
