"""The bare loop: an asyncio Protocol on uvloop and httptools that answers every request with the model's answer.

No routes, no errors, no limits, no time-outs, no ids, no key, no metrics, no drain. Not a server, but a floor.
"""

from __future__ import annotations

import asyncio
import gc
import os
from typing import Any

import httptools
import uvloop

from bench.scoring.bare.script import scorer

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
RAW = b"application/octet-stream"


class Bare(asyncio.Protocol):
    def __init__(self, score: Any, score_raw: Any) -> None:
        self._score, self._score_raw = score, score_raw
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._body = b""
        self._is_raw = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if value == RAW:
            self._is_raw = True

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = (self._score_raw if self._is_raw else self._score)(self._body)
        self._transport.write(HEAD % len(answer) + answer)
        self._body = b""
        self._is_raw = False


async def main() -> None:
    score, score_raw = scorer()
    gc.collect()
    gc.freeze()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Bare(score, score_raw), "127.0.0.1", int(os.environ["SCORING_PORT"]), backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
