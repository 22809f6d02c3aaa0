"""What is asked of the service, however it came: over HTTP, or as a message of a device."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Ends(Struct, frozen=True):
    """Of a connection: who asks, and whom."""

    client: str = "127.0.0.1"
    client_port: int = 0
    server: str = "localhost"
    server_port: int = 80
    tls: bool = False


class Request(Struct):
    """One request, its body whole. Of a message only the body is set: the rest is as of a POST to /score."""

    body: bytes = b""
    method: bytes = b"POST"
    """With GET the query is what is asked, and the body is empty."""
    path: bytes = b"/score"
    query: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    """Names in lower case; the values of one that comes twice are joined by a comma."""
    ends: Ends | None = None
    """None of a message."""

    @property
    def media_type(self) -> bytes:
        """Lower case, without parameters; empty where none is given."""
        return self.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
