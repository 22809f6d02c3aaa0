"""A tiny HTTP client on asyncio streams, so that tests decide about every byte that is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from dataclasses import dataclass
from typing import Any

from tests.waiting import DEADLINE_S


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._method: str | None = None

    @classmethod
    async def open(cls, port: int, tls: ssl.SSLContext | None = None) -> Connection:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
        )
        return cls(reader, writer)

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def read(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        length = 0 if self._method == "HEAD" else int(headers.get("content-length", "0"))
        body = await self._reader.readexactly(length)
        return Answer(int(head[0].split(" ")[1]), headers, body)

    async def request(
        self, path: str, body: bytes | None = None, *, method: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        self._method = method
        lines = [f"{method or ('GET' if body is None else 'POST')} {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines += [] if body is None else [f"Content-Length: {len(body)}"]
        await self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        return await self.read()

    async def is_closed(self) -> bool:
        """Waits for the server's side to end."""
        try:
            return await asyncio.wait_for(self._reader.read(1), DEADLINE_S) == b""
        except ConnectionResetError:
            return True

    async def is_cut_off(self) -> bool:
        """Waits for the server's side to end, whatever it answers before."""
        with contextlib.suppress(ConnectionResetError):
            await asyncio.wait_for(self._reader.read(), DEADLINE_S)
        return True

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            return
