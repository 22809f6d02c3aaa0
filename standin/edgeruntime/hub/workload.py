"""The workload API on a unix socket for each module: it signs for that module alone, and tells whom to trust.

https://github.com/Azure/iotedge/blob/main/edgelet/api/workloadVersion_2020_07_07.yaml
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import re
from pathlib import Path

from standin.edgeruntime.hub.domain.identities.identities import Identities, UnknownIdentity
from standin.edgeruntime.hub.http import Handler, Request, Response, connection_handler, json_response

VERSIONS = (
    "2018-06-28",
    "2019-01-30",
    "2019-10-22",
    "2019-11-05",
    "2020-07-07",
    "2020-10-10",
    "2021-12-07",
    "2022-08-03",
)
SOCKET = "workload.sock"

log = logging.getLogger("edgehub.workload")

_SIGN = re.compile(r"/modules/([^/]+)/genid/([^/]+)/sign\Z")


class Workload:
    """`folder/<module>/workload.sock`; the folder is what a module's container mounts, so that a new socket is seen."""

    def __init__(self, folder: Path, *, identities: Identities, trust_bundle: Path) -> None:
        self._folder = folder
        self._identities = identities
        self._trust_bundle = trust_bundle
        # Kept: under uvloop a unix server that nobody refers to is collected, and its socket refuses.
        self._servers: dict[str, asyncio.Server] = {}

    async def serve(self, modules: list[str]) -> None:
        for module in self._servers.keys() - set(modules):
            self._servers.pop(module).close()
            self._path(module).unlink(missing_ok=True)
        for module in modules:
            if module not in self._servers:
                self._servers[module] = await self._listen(module)

    async def stop(self) -> None:
        await self.serve([])

    async def _listen(self, module: str) -> asyncio.Server:
        path = self._path(module)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(connection_handler(self._handler(module)), path)
        path.chmod(0o666)  # modules run as users of their own; the folder is mounted into one container only
        return server

    def _path(self, module: str) -> Path:
        return self._folder / module / SOCKET

    def _handler(self, module: str) -> Handler:
        async def handle(request: Request) -> Response:
            version = request.query.get("api-version")
            if version not in VERSIONS:
                return _refusal(400, f"api-version {version!r} is not supported; allowed: {', '.join(VERSIONS)}")
            if request.method == "GET" and request.path == "/trust-bundle":
                return json_response(200, {"certificate": self._trust_bundle.read_text()})
            signing = _SIGN.match(request.path)
            if request.method == "POST" and signing:
                return self._sign(module, signing[1], signing[2], request.body)
            return _refusal(404, f"{request.method} {request.path} is not built")

        return handle

    def _sign(self, owner: str, module: str, generation_id: str, body: bytes) -> Response:
        if module != owner:
            log.warning("%s asked for a signature of %s: refused", owner, module)
            return _refusal(403, f"this socket signs for {owner!r} only")
        try:
            order = json.loads(body)
            data = base64.b64decode(order["data"], validate=True)
            key_id, algorithm = order["keyId"], order["algo"]
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            return _refusal(400, "the body is not {keyId, algo, data in base64}")
        if algorithm != "HMACSHA256" or key_id not in ("primary", "secondary"):
            return _refusal(400, f"algo {algorithm!r}, keyId {key_id!r}; allowed: HMACSHA256, primary or secondary")
        try:
            return json_response(200, {"digest": self._identities.sign(module, generation_id, key_id, data)})
        except UnknownIdentity as problem:
            return _refusal(404, str(problem))


def _refusal(status: int, message: str) -> Response:
    return json_response(status, {"message": message})
