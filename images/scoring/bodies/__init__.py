"""The body forms, one file each. Call forms, `/swagger.json` and golden examples take them from here.

A new one is a file with a `Body`, as `raw.py` has it, and its place in BODIES.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from types import UnionType
from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.json import JSON
from images.scoring.bodies.raw import RAW
from images.scoring.request import Request

BODIES = (RAW, JSON)
"""Asked in this order: JSON is last, as it carries every type, and has every media type, that none before it took."""


def union_members(kind: Any) -> tuple[Any, ...]:
    """Empty where it is no union."""
    return typing.get_args(kind) if isinstance(kind, UnionType) or typing.get_origin(kind) is typing.Union else ()


def bodies_of(kind: Any) -> Mapping[Body, Any]:
    """The forms that carry a type, in the order of BODIES, each with the part of the type that it carries."""
    members: dict[Body, list[Any]] = {}
    for member in union_members(kind) or (kind,):
        members.setdefault(next(body for body in BODIES if body.carries(member)), []).append(member)
    if len(members) == 1:
        return dict.fromkeys(members, kind)
    return {body: typing.Union[tuple(members[body])] for body in BODIES if body in members}  # noqa: UP007 - at run time


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
        return otherwise(request)

    return decode
