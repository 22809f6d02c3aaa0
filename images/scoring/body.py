"""Reads a request's body within its limit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from images.scoring.errors import BadRequest, BodyTooLarge, UnsupportedEncoding


async def read_body(headers: Mapping[bytes, bytes], receive: Callable[[], Awaitable[Any]], *, limit: int) -> bytes:
    """The whole body; one that is, or says that it is, over the limit is refused before it is held in memory.

    What is left of a refused body is read and thrown away by the protocol, within the request's time: closing at once
    would reset the connection, and the sender would never see why.
    """
    encoding = headers.get(b"content-encoding", b"identity")
    if encoding.lower() != b"identity":
        raise UnsupportedEncoding(f"content-encoding is {encoding.decode('latin-1')!r}, allowed is identity")
    # the parser has refused a length that is no number
    declared = int(headers.get(b"content-length", b"0"))
    if declared > limit:
        raise BodyTooLarge(f"body has {declared} bytes, allowed are {limit}")
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False) and message["type"] == "http.request":
        return body if len(body) <= limit else _too_large(limit)
    return await _read_rest(body, message, receive, limit=limit)


async def _read_rest(
    first: bytes, message: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], *, limit: int
) -> bytes:
    chunks = bytearray(first)
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
        chunks += message.get("body", b"")
        if len(chunks) > limit:
            _too_large(limit)
    if message["type"] != "http.request":
        raise BadRequest("the connection ended before the body did")
    return bytes(chunks)


def _too_large(limit: int) -> bytes:
    raise BodyTooLarge(f"body has more than {limit} bytes, which is the limit")
