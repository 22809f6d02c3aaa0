"""JSON: decoded straight into the type of `run`'s parameter, a query as an object, answers by msgspec."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.json_refusal import refusal
from images.scoring.bodies.query import query_fields
from images.scoring.errors import BadRequest, UnsupportedMediaType
from images.scoring.request import Request


def _decoder(kind: Any) -> Decode:
    decode = msgspec.json.Decoder(kind).decode

    def from_json(request: Request) -> Any:
        body = request.body if request.method != b"GET" else msgspec.json.encode(query_fields(request.query))
        try:
            return decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refusal(error, body, decode) from error

    return from_json


JSON = Body(
    name="JSON",
    media_types=(b"application/json",),
    carries=lambda kind: kind is not bytes,
    decoder=_decoder,
    encode=msgspec.json.encode,
    schema=lambda schema: schema,
)


def json_object(request: Request) -> dict[str, Any]:
    """The body as Python's own `json` reads it; raises UnsupportedMediaType or BadRequest where it is no object."""
    media_type = request.media_type
    related = media_type.startswith(b"application/") and media_type.endswith(b"+json")
    if media_type not in JSON.media_types and not related:
        shown = media_type.decode("latin-1") or "missing"
        raise UnsupportedMediaType(f"content-type is {shown}, allowed is application/json")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        what = f"body is not JSON: {error}" if request.body else "body is empty, must be a JSON object"
        raise BadRequest(what, path="$") from error
    if not isinstance(value, dict):
        raise BadRequest(f"body is {type(value).__name__}, must be a JSON object", path="$")
    return value


def azureml_list_form(body: bytes) -> bytes:
    """Azure ML's original form of an answer: a list that holds it as one JSON string."""
    return msgspec.json.encode([body.decode()])
