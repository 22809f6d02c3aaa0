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
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest("the connection ended before the body did")
        # nearly always the whole body is here at once: then this copies nothing
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise BodyTooLarge(f"body has more than {limit} bytes, which is the limit")
    return body
