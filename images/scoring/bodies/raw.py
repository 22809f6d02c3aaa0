"""Bytes as they are: a picture, a recording, an array. The script's `run` has `bytes` among the types it takes."""

from __future__ import annotations

from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.request import Request


def _decoder(kind: Any) -> Decode:
    return _body


def _body(request: Request) -> bytes:
    return request.body


RAW = Body(
    name="bytes",
    media_types=(b"application/octet-stream", b"image/", b"audio/", b"video/"),
    carries=lambda kind: kind is bytes,
    decoder=_decoder,
    encode=lambda value: memoryview(value).tobytes(),
)
