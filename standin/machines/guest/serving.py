"""HTTP over the Unix sockets that systemd hands to a daemon (`LISTEN_FDS`).

https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
"""

from __future__ import annotations

import http.server
import json
import os
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from typing import Any

Handler = Callable[[str, str, Any], tuple[int, Any]]
"""(method, path, body) -> (status, body)"""

_FIRST = 3


def serve(handler: Handler) -> list[socketserver.BaseServer]:
    """On each socket that this process was started with, in threads; where there is none, on none."""
    servers: list[socketserver.BaseServer] = []
    for number in range(int(os.environ.get("LISTEN_FDS", "0"))):
        server = _Server(socket.socket(fileno=_FIRST + number), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    return servers


def say(text: str) -> None:
    """A line of the journal."""
    print(text, file=sys.stderr, flush=True)


class _Server(socketserver.ThreadingMixIn, socketserver.BaseServer):
    daemon_threads = True

    def __init__(self, listener: socket.socket, handler: Handler) -> None:
        super().__init__("", _Request)
        self.socket, self.handler = listener, handler

    def fileno(self) -> int:
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, str]:
        return self.socket.accept()[0], "local"

    def shutdown_request(self, request: Any) -> None:
        request.close()


class _Request(http.server.BaseHTTPRequestHandler):
    server: _Server

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, answer = self.server.handler(self.command, self.path, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = handle_any

    def log_message(self, format: str, *args: Any) -> None:
        pass
