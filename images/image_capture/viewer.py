"""The viewer: a page, and the newest picture to each who looks, over a WebSocket; nothing is kept for who is slow.

For the device alone: it is published at 127.0.0.1, and asks for no key. So that no other page in a browser there looks
along, who asks must have come by an address or `localhost` and from the page itself: a name may be anybody's.
https://websockets.readthedocs.io/en/stable/reference/asyncio/server.html
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from images.image_capture.visits import Visit

MOST_CLIENTS = 16
MOST_SENT_BYTES = 1024
"""Of what a client sends: it has nothing to say."""
UNSENT_BYTES = 64 * 1024
OPEN_SECONDS, PING_SECONDS, CLOSE_SECONDS = 5.0, 20.0, 2.0
TAKE_SECONDS = 20.0
"""Who takes nothing of what is on its way to him for so long has no place here; a ping would wait behind it."""
LEAVE_SECONDS = 0.5
"""For all who look, when the module ends."""
SOCKET = "/pictures"
POLICY = "default-src 'none'; img-src blob:; connect-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; "
POLICY += "form-action 'none'; frame-ancestors 'none'"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
FILES: Mapping[str, str] = {"/": "viewer.html", "/viewer.js": "viewer.js", "/viewer.css": "viewer.css"}

log = logging.getLogger("image_capture.viewer")
# a line for each connection that was none, with what it sent
logging.getLogger("websockets").setLevel(logging.CRITICAL)


class Viewer:
    """On one event loop."""

    def __init__(self, *, take_seconds: float = TAKE_SECONDS) -> None:
        self._take_ms = round(take_seconds * 1000)
        self._there = set[Visit]()
        self._files = {path: _file(name) for path, name in FILES.items()}
        self._picture: bytes | None = None
        self._shown = asyncio.Event()
        self._clients = 0
        self._server: Server | None = None

    @property
    def watched(self) -> bool:
        return self._clients > 0

    @property
    def started(self) -> bool:
        return self._server is not None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    def show(self, picture: bytes) -> None:
        """Wakes all who look."""
        self._picture = picture
        shown, self._shown = self._shown, asyncio.Event()
        shown.set()

    async def start(self, host: str, port: int) -> None:
        self._server = await serve(
            self._watch,
            host,
            port,
            process_request=self._answer,
            create_connection=partial(Visit, self._there),  # type: ignore[arg-type]
            compression=None,
            max_size=MOST_SENT_BYTES,
            max_queue=1,
            write_limit=UNSENT_BYTES,
            open_timeout=OPEN_SECONDS,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            close_timeout=CLOSE_SECONDS,
            server_header=None,
        )
        for listening in self._server.sockets:
            # what it accepts inherits it: https://man7.org/linux/man-pages/man7/tcp.7.html
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self._take_ms)

    async def close(self) -> None:
        """Who does not go at once is cut off: who reads nothing would never go, and the module not end."""
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), LEAVE_SECONDS)
        for visit in self._there:
            visit.transport.abort()
        await self._server.wait_closed()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """None: a WebSocket follows."""
        path = request.path.partition("?")[0]
        if not _is_address(_only(request.headers, "Host")):
            return _said(HTTPStatus.FORBIDDEN, "come by an address or localhost")
        if path == SOCKET:
            if _only(request.headers, "Origin") != f"http://{_only(request.headers, 'Host')}":
                return _said(HTTPStatus.FORBIDDEN, "another page may not look")
            if self._clients >= MOST_CLIENTS:
                return _said(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_CLIENTS} look already")
            return None
        if (file := self._files.get(path)) is not None:
            return file
        return _said(HTTPStatus.NOT_FOUND, "no such page")

    async def _watch(self, connection: ServerConnection) -> None:
        self._clients += 1
        showing = asyncio.create_task(self._show_all(connection))
        try:
            await _refuse_words(connection)
        finally:
            self._clients -= 1
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)

    async def _show_all(self, connection: ServerConnection) -> None:
        """Each newest picture, as soon as the one before it is taken."""
        while True:
            shown = self._shown
            if self._picture is not None:
                await connection.send(self._picture)
            await shown.wait()


async def _refuse_words(connection: ServerConnection) -> None:
    """Until a client has gone; closes with who says anything."""
    try:
        await connection.recv()
        await connection.close(1008, "nothing is asked")
    except ConnectionClosed:
        return


def _file(name: str) -> Response:
    content = Path(__file__).with_name(name).read_bytes()
    return _response(HTTPStatus.OK, content, _TYPES[Path(name).suffix])


def _said(status: HTTPStatus, words: str) -> Response:
    return _response(status, f"{words}\n".encode(), "text/plain; charset=utf-8")


def _response(status: HTTPStatus, body: bytes, kind: str) -> Response:
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Connection": "close",
        }
    )
    return Response(status.value, status.phrase, headers, body)


def _only(headers: Headers, name: str) -> str:
    """Of a header that comes once; empty where it comes not, or twice."""
    values = headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def _is_address(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost"
    return True
