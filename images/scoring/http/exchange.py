"""An HTTP request and its answer, without sockets."""

from __future__ import annotations

from msgspec import Struct

from images.scoring.errors import RunFailed, ScoringError
from images.scoring.request import Request

JSON_TYPE = b"content-type: application/json\r\n"
RUN_FAILED = b"x-ms-run-function-failed: True\r\n"
NOT_RUN = b"x-ms-run-function-failed: False\r\n"


class HttpRequest(Request):
    echoed: bytes = b""
    """Header lines that every answer to this request carries."""


class Response(Struct, frozen=True):
    body: bytes = b""
    status: int = 200
    head: bytes = JSON_TYPE
    """Header lines, each with its line end."""


def error_response(error: ScoringError) -> Response:
    failed = RUN_FAILED if isinstance(error, RunFailed) else NOT_RUN
    lines = b"".join(b"%b: %b\r\n" % header for header in error.headers)
    return Response(error.body(), error.status, JSON_TYPE + failed + lines)
