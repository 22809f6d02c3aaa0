"""packages.microsoft.com: signed lists and packages for Ubuntu's releases, and the key that they are signed with."""

from __future__ import annotations

from collections.abc import Mapping

from standin.core.errors import NotFound
from standin.core.http import Request, Response, Route, Service
from standin.core.obeys import EVERYTHING
from standin.machines.packages.repository import Repository


class PackageServer(Service):
    hosts = ("packages.microsoft.com",)
    throttles = False

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.routes = (Route("GET", "/{path:path}", self._file, obeys=EVERYTHING),)

    async def _file(self, request: Request, _: Mapping[str, str]) -> Response:
        content = self._repository.file(request.path)
        if content is None:
            raise NotFound(f"There is no {request.path}.")
        return Response(body=content, headers={"content-type": "application/octet-stream"})
