"""A small HTTP/1.1 server for the workload sockets and the metrics port: bodies of a known length, kept-alive."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_BODY_BYTES = 65_536
IDLE_S = 60.0

log = logging.getLogger("edgehub.http")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes
    content_type: str = "application/json"


Handler = Callable[[Request], Awaitable[Response]]
Callback = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def json_response(status: int, value: Any) -> Response:
    return Response(status, json.dumps(value).encode())


def connection_handler(handler: Handler) -> Callback:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await asyncio.wait_for(_read(reader), IDLE_S)) is not None:
                await _write(writer, await _answer(handler, request))
        except (
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            TimeoutError,
            ValueError,
        ) as end:
            log.debug("connection ended: %r", end)
        finally:
            writer.close()

    return serve


async def _answer(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return json_response(500, {"message": "internal error"})


async def _read(reader: asyncio.StreamReader) -> Request | None:
    line = (await reader.readline()).decode("latin-1").split()
    if len(line) != 3:
        return None
    length = 0
    while header := (await reader.readline()).strip():
        name, _, value = header.decode("latin-1").partition(":")
        if name.lower() == "content-length":
            length = int(value)
    if not 0 <= length <= MAX_BODY_BYTES:
        return None
    target = urlsplit(line[1])
    body = await reader.readexactly(length)
    return Request(line[0], unquote(target.path), dict(parse_qsl(target.query)), body)


async def _write(writer: asyncio.StreamWriter, response: Response) -> None:
    reason = HTTPStatus(response.status).phrase
    head = (
        f"HTTP/1.1 {response.status} {reason}\r\nContent-Type: {response.content_type}\r\n"
        f"Content-Length: {len(response.body)}\r\n\r\n"
    )
    writer.write(head.encode() + response.body)
    await writer.drain()
