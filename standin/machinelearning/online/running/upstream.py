"""One request to a container and its answer, over connections that are kept.

https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import httptools

_PIECE = 64 * 1024
_MOST_IDLE = 32
_MOST_BODY = 64 * 1024 * 1024
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
Place = tuple[str, int]
"""Address and port."""
_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NoAnswer(OSError):
    """The other side ended the connection, or answered what is no HTTP."""


@dataclass(slots=True)
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case; of a name that comes twice the values are joined by ", "."""
    body: bytes = b""


class Upstream:
    def __init__(self) -> None:
        self._idle: dict[Place, list[_Connection]] = {}

    async def ask(self, place: Place, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """OSError where nobody answers. A kept connection that the other side has just closed is no such answer: it
        is asked over a new one."""
        sent = b"".join(_lines(method, target, headers, body))
        while kept := self._idle.get(place):
            connection = kept.pop()
            try:
                return await self._over(place, connection, method, sent)
            except NoAnswer as problem:
                if problem.errno is not None:
                    raise
        return await self._over(place, await asyncio.open_connection(*place), method, sent)

    def forget(self, address: str) -> None:
        """Closes what is kept to an address whose container goes."""
        for place in [place for place in self._idle if place[0] == address]:
            for _, writer in self._idle.pop(place):
                writer.close()

    def close(self) -> None:
        for address in {place[0] for place in self._idle}:
            self.forget(address)

    async def _over(self, place: Place, connection: _Connection, method: str, sent: bytes) -> Answer:
        reader, writer = connection
        reading = _Reading(method)
        keep = False
        try:
            writer.write(sent)
            await reading.read(reader)
            keep = reading.keeps
        except (ConnectionError, httptools.HttpParserError) as problem:
            raise reading.broken(problem) from problem
        finally:
            idle = self._idle.setdefault(place, [])
            if keep and len(idle) < _MOST_IDLE:
                idle.append(connection)
            else:
                writer.close()
        return reading.answer


class _Reading:
    """httptools calls it back by these names."""

    def __init__(self, method: str) -> None:
        self.answer = Answer()
        self.keeps = False
        self._parser = httptools.HttpResponseParser(self)
        self._bodiless = method == "HEAD"
        self._begun = False
        self._headed = False
        self._complete = False
        self._pieces: list[bytes] = []
        self._size = 0

    async def read(self, reader: asyncio.StreamReader) -> None:
        while not self._complete:
            piece = await reader.read(_PIECE)
            if not piece:
                if not self._headed or self._bounded():
                    raise ConnectionResetError("the connection ended in the middle of an answer")
                break
            self._begun = True
            self._parser.feed_data(piece)
            if self._size > _MOST_BODY:
                raise ConnectionResetError(f"an answer has more than {_MOST_BODY} bytes")
        self.answer.body = b"".join(self._pieces)

    def broken(self, problem: Exception) -> NoAnswer:
        """With an error number where anything of an answer had come: then nobody asks again."""
        return NoAnswer(1, str(problem)) if self._begun else NoAnswer(str(problem))

    def _bounded(self) -> bool:
        return "content-length" in self.answer.headers or "transfer-encoding" in self.answer.headers

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        known = self.answer.headers.get(key)
        self.answer.headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        self.answer.status = self._parser.get_status_code()
        if self.answer.status < 200:  # 100: the answer follows
            self.answer.headers.clear()
            return
        self._headed = True
        self._complete = self._bodiless

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)

    def on_message_complete(self) -> None:
        self._complete = self._complete or self._headed
        self.keeps = self._complete and bool(self._parser.should_keep_alive())


def _lines(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
    yield f"{method} {quote(target, safe='/%?&=:;,+$!*()@~')} HTTP/1.1\r\n".encode()
    for name, value in headers.items():
        if name not in HOP_BY_HOP and name not in ("content-length", "expect"):
            yield f"{name}: {value}\r\n".encode("latin-1")
    yield f"content-length: {len(body)}\r\n\r\n".encode()
    yield body
