"""multipart/form-data: each part is a file (file.py), with its own name and content type; several are a batch.

RFC 7578. The parser is in form_parts.py, and is loaded only where a script takes files.
"""

from __future__ import annotations

import typing
from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.file import convert, is_file, wanted
from images.scoring.bodies.members import union_members
from images.scoring.errors import BadRequest
from images.scoring.request import Request


def _list_item(kind: Any) -> Any:
    """The kind of file that a list holds; None for all else."""
    (item, *others) = typing.get_args(kind) or (None,)
    return item if typing.get_origin(kind) is list and not others and is_file(item) else None


def _decoder(kind: Any) -> Decode:
    """One part is a single file, where the type has one; else a list of one."""
    from images.scoring.bodies.form_parts import parts_of

    members = union_members(kind) or (kind,)
    one = next((member for member in members if is_file(member)), None)
    many = next((item for member in members if (item := _list_item(member)) is not None), None)

    def decode(request: Request) -> Any:
        parts = parts_of(request)
        if one is not None and (len(parts) == 1 or many is None):
            if len(parts) > 1:
                raise BadRequest(f"the form has {len(parts)} parts, allowed is 1", path="$[1]")
            return convert(wanted(one, *parts[0]), one)
        assert many is not None  # `carries` took nothing else
        files = [wanted(many, content, texts) for content, texts in parts]
        return convert(files, list[many])  # type: ignore[valid-type]

    return decode


def _encode(value: Any) -> bytes:
    raise TypeError("an answer is never a form")


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
        "minProperties": 1,
    }


MULTIPART = Body(
    name="multipart/form-data",
    media_types=(b"multipart/form-data",),
    carries=lambda kind: is_file(kind) or _list_item(kind) is not None,
    decoder=_decoder,
    encode=_encode,
    schema=_schema,
)
