"""One GET to an address and a port, without a proxy: what probes and health checks need.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case; of a name that comes twice the values are joined by ", "."""


async def get(address: str, port: int, path: str = "/", *, headers: Mapping[str, str] | None = None) -> Answer:
    """Status and headers of the answer; the body is not read and redirects are not followed.

    Raises OSError when nobody answers, ValueError when the answer is not HTTP. Waits for ever: bound it with
    `asyncio.timeout`.
    """
    reader, writer = await asyncio.open_connection(address, port)
    try:
        sent = {"Host": f"{address}:{port}", "Connection": "close", **(headers or {})}
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        words = (await reader.readline()).split()
        if len(words) < 2 or not words[0].startswith(b"HTTP/"):
            raise ValueError("the answer is not HTTP")
        return Answer(int(words[1]), await _headers(reader))
    finally:
        writer.close()


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        name = name.lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return headers
