"""What is asked and what is answered, as the parts between the socket and the model see it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

JSON = b"content-type: application/json\r\n"


class Request(Struct):
    """One request, its body whole. A message of a device is one too: all but the body stay as they are."""

    body: bytes = b""
    method: bytes = b"POST"
    path: bytes = b"/score"
    query: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    """Names in lower case; of one that comes twice, the last."""
    echoed: bytes = b""
    """Header lines that every answer to this request carries."""

    @property
    def media_type(self) -> bytes:
        """Lower case, without parameters."""
        return self.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


class Response(Struct, frozen=True):
    body: bytes = b""
    status: int = 200
    head: bytes = JSON
    """Header lines, each with its line end."""
