"""As much of Azure Resource Manager as a plugin's manners can be tested against: a dict over HTTP, and a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, dict[str, str], Any]
"""Status, headers, body."""


class TinyArm:
    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, str]] = []
        """Method, path, api-version."""
        self.script: list[tuple[str, Callable[[str, Any], Answer | None]]] = []
        """What the next request of a method is answered, None = by hanging up."""
        self._server = _server(self, 0)
        self.port: int = self._server.server_address[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def restart(self) -> None:
        self._server = _server(self, self.port)

    def next(self, method: str, status: int, body: Any = None, **headers: str) -> None:
        """Answers the next request of this method so."""
        named = {name.replace("_", "-"): value.replace("{endpoint}", self.endpoint) for name, value in headers.items()}
        self.script.append((method, lambda path, sent: (status, named, body)))

    def after_put(self, status: int, **headers: str) -> None:
        """Takes the next PUT in and answers it so."""
        named = {name.replace("_", "-"): value.replace("{endpoint}", self.endpoint) for name, value in headers.items()}
        self.script.append(("PUT", lambda path, sent: (status, named, self.store(path, sent))))

    def hang_up_after_put(self) -> None:
        """Takes the next PUT in and breaks the connection instead of answering."""

        def hang_up(path: str, sent: Any) -> None:
            self.store(path, sent)

        self.script.append(("PUT", hang_up))

    def store(self, path: str, sent: dict[str, Any]) -> dict[str, Any]:
        properties = {"provisioningState": "Succeeded", **sent.get("properties", {})}
        self.resources[path] = {**sent, "id": path, "name": path.rpartition("/")[2], "properties": properties}
        return self.resources[path]

    def answer(self, method: str, target: str, sent: Any) -> Answer | None:
        url = urlsplit(target)
        self.requests.append((method, url.path, parse_qs(url.query).get("api-version", [""])[0]))
        for index, (wanted, scripted) in enumerate(self.script):
            if wanted == method:
                del self.script[index]
                return scripted(url.path, sent)
        if method == "PUT":
            return 201, {}, self.store(url.path, sent)
        if url.path not in self.resources:
            missing = {"error": {"code": "ResourceNotFound", "message": f"{url.path} was not found."}}
            return (204 if method == "DELETE" else 404), {}, None if method == "DELETE" else missing
        return 200, {}, self.resources.pop(url.path) if method == "DELETE" else self.resources[url.path]


def _server(arm: TinyArm, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet per answer: two of them cost a delayed acknowledgement

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = json.loads(self.rfile.read(length)) if length else None
            answered = arm.answer(self.command, self.path, sent)
            if answered is None:
                self.close_connection = True
                return
            status, headers, body = answered
            payload = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_PUT = do_POST = do_DELETE = handle_one

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet: the tests read `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


@contextmanager
def tiny_arm() -> Iterator[TinyArm]:
    arm = TinyArm()
    try:
        yield arm
    finally:
        arm.stop()
