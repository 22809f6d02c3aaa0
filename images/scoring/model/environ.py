"""A request as the WSGI server in front of Azure ML's own would describe it. https://peps.python.org/pep-3333/#environ-variables"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Any

from images.scoring.request import Ends, Request

_LOCAL = ("127.0.0.1", "::1")
_SECURE = {b"x-forwarded-proto": b"https", b"x-forwarded-protocol": b"ssl", b"x-forwarded-ssl": b"on"}
"""What gunicorn believes of a proxy on the same machine: https://docs.gunicorn.org/en/stable/settings.html#secure-scheme-headers"""


def header_names(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """As scripts know them: Content-Type, not content-type. One with an underscore could be taken for another."""
    return {
        name.decode("latin-1").title(): value.decode("latin-1").strip(" \t")
        for name, value in headers.items()
        if b"_" not in name
    }


def wsgi_environ(request: Request) -> dict[str, Any]:
    ends = request.ends or Ends()
    environ = {
        "REQUEST_METHOD": request.method.decode(),
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "REMOTE_ADDR": ends.client,
        "REMOTE_PORT": str(ends.client_port),
        "SERVER_NAME": ends.server,
        "SERVER_PORT": str(ends.server_port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if ends.tls or _is_forwarded_https(request, ends) else "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in header_names(request.headers).items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(len(request.body))  # of what gzip unpacked to
    return environ


def _is_forwarded_https(request: Request, ends: Ends) -> bool:
    return ends.client in _LOCAL and any(request.headers.get(name) == value for name, value in _SECURE.items())
