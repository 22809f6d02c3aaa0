"""The body forms, one file each. Call forms, `/swagger.json` and golden examples take them from here.

A new one is a file with a `Body`, as `raw.py` has it, and its place in BODIES.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.json import JSON
from images.scoring.bodies.json_refusal import shortened
from images.scoring.bodies.members import union_members
from images.scoring.bodies.multipart import MULTIPART
from images.scoring.bodies.raw import RAW
from images.scoring.errors import BadRequest
from images.scoring.request import Request

BODIES = (RAW, MULTIPART, JSON)
"""Asked in this order: JSON is last, as it has every media type that none before it has."""


def bodies_of(kind: Any) -> Mapping[Body, Any]:
    """The forms that carry a type, in the order of BODIES, each with the part of the type that it carries."""
    members = union_members(kind) or (kind,)
    carried = {body: tuple(member for member in members if body.carries(member)) for body in BODIES}
    if any(typing.get_origin(member) is dict for member in carried[JSON]):
        # one JSON object cannot be told from another: those that have a form of their own leave it to the dict
        carried[JSON] = tuple(member for member in carried[JSON] if not MULTIPART.carries(member))
    return {
        body: kind if part == members else typing.Union[part]  # noqa: UP007 - at run time
        for body, part in carried.items()
        if part
    }


def by_media_type(decoders: Mapping[Body, Decode]) -> Decode:
    """The one function that decodes a request in any of these forms; the last is that of every other media type."""
    *others, last = decoders.items()
    if not others:
        return last[1]
    tried = [(body.media_types, decode) for body, decode in others]
    otherwise = last[1]

    def decode(request: Request) -> Any:
        media_type = request.media_type
        for media_types, decode_one in tried:
            if media_type.startswith(media_types):
                return decode_one(request)
        try:
            return otherwise(request)
        except BadRequest as error:
            raise _with_types(error, request, tuple(decoders)) from error

    return decode


def _with_types(error: BadRequest, request: Request, bodies: tuple[Body, ...]) -> BadRequest:
    """With the content type that was sent and those that are taken, where it may have led to the wrong form: curl calls
    a picture a form's fields, if nobody says what it is."""
    media_type = request.media_type
    if error.path != "$" or request.method == b"GET" or media_type.startswith(bodies[-1].media_types):
        return error
    sent = media_type.decode("latin-1") or "missing"
    kinds = (kind.decode() for body in bodies for kind in body.media_types)
    taken = ", ".join(f"{kind}*" if kind.endswith("/") else kind for kind in kinds)
    return BadRequest(f"{error.message}; content-type is {shortened(sent)}, taken are {taken}", path="$")
