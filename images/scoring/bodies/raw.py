"""Bytes as they are: a picture, a recording, an array. The script's `run` has `bytes` or a file among its types."""

from __future__ import annotations

from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.file import convert, is_file, wanted
from images.scoring.errors import BadRequest
from images.scoring.request import Request


def _decoder(kind: Any) -> Decode:
    if kind is bytes:
        return _body

    def as_file(request: Request) -> Any:
        texts = {"content_type": request.media_type.decode("latin-1")}
        try:
            return convert(wanted(kind, request.body, texts), kind)
        except BadRequest as error:
            # all of the body is the file: it has no field `content`
            what = "not valid" if request.body else "empty"
            raise BadRequest(f"body is {what}: {error.message}", path="$") from error

    return as_file


def _body(request: Request) -> bytes:
    return request.body


RAW = Body(
    name="bytes",
    media_types=(b"application/octet-stream", b"image/", b"audio/", b"video/"),
    carries=lambda kind: kind is bytes or is_file(kind),
    decoder=_decoder,
    encode=lambda value: memoryview(value).tobytes(),
    schema=lambda schema: {"type": "string", "contentMediaType": "application/octet-stream"},
)
