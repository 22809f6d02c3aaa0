"""The bare ASGI application on uvicorn, uvloop and httptools: what uvicorn's protocol costs over the bare loop."""

from __future__ import annotations

import gc
import os
from typing import Any

import uvicorn

from bench.scoring.bare.script import scorer

RAW = (b"content-type", b"application/octet-stream")
TYPE = (b"content-type", b"application/json")
score, score_raw = scorer()


async def app(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    answer = (score_raw if RAW in scope["headers"] else score)(body)
    length = (b"content-length", b"%d" % len(answer))
    await send({"type": "http.response.start", "status": 200, "headers": [TYPE, length]})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["SCORING_PORT"]),
        lifespan="off",
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="error",
        server_header=False,
        date_header=False,
    )
