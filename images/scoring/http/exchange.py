"""An HTTP request and its answer, without sockets."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import Struct

from images.scoring.errors import RunFailed, ScoringError
from images.scoring.request import Request

_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_LENGTH = b"content-length: %d\r\n"
_LENGTHS = tuple(_LENGTH % length for length in range(512))
"""Most answers are short, and to write a number costs as much time as to join the rest."""
_WITHOUT_BODY = frozenset((204, 304))
"""A client takes what follows their head for the next answer. https://www.rfc-editor.org/rfc/rfc9110#name-204-no-content"""
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


def as_sent(response: Response, request: HttpRequest, constant: bytes, close: bytes) -> bytes:
    """`constant` and `close` are header lines."""
    body = response.body
    status = _STATUS.get(response.status) or b"HTTP/1.1 %d UNKNOWN\r\n" % response.status
    if response.status in _WITHOUT_BODY:
        return b"".join((status, constant, response.head, request.echoed, close, b"\r\n"))
    size = len(body)
    length = _LENGTHS[size] if size < len(_LENGTHS) else _LENGTH % size
    sent = b"" if request.method == b"HEAD" else body
    return b"".join((status, constant, length, response.head, request.echoed, close, b"\r\n", sent))
