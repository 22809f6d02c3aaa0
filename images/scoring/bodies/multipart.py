"""multipart/form-data: each part is a file (file.py), with its own name and content type; several are a batch. A part
without a file name that is called as an option of these files sets it for all of them; where there are options, a text
called as none is refused, as it is more likely a slip than a file.

RFC 7578. The parser is in form_parts.py, and is loaded only where a script takes files.
"""

from __future__ import annotations

import typing
from typing import Any

from images.scoring.bodies.body import Body, Decode
from images.scoring.bodies.file import convert, is_file, options_of, wanted
from images.scoring.bodies.json_refusal import shortened
from images.scoring.bodies.members import union_members
from images.scoring.errors import BadRequest
from images.scoring.request import Request

_Part = tuple[bytes, dict[str, str]]


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
    names = frozenset[str]().union(*(options_of(file) for file in (one, many) if file is not None))

    def decode(request: Request) -> Any:
        parts, options = _apart(parts_of(request), names)
        if one is not None and (len(parts) == 1 or many is None):
            if len(parts) > 1:
                raise BadRequest(f"the form has {len(parts)} parts, allowed is 1", path="$[1]")
            return convert(wanted(one, *parts[0], options), one, options)
        assert many is not None  # `carries` took nothing else
        files = [wanted(many, content, texts, options) for content, texts in parts]
        return convert(files, list[many], options)  # type: ignore[valid-type]

    return decode


def _apart(parts: list[_Part], names: frozenset[str]) -> tuple[list[_Part], dict[str, str]]:
    """Files, and options by name; raises BadRequest."""
    files: list[_Part] = []
    options: dict[str, str] = {}
    for content, texts in parts:
        if (name := texts["name"]) not in names or texts["filename"]:
            if names and _is_text(content, texts):
                allowed = ", ".join(sorted(names))
                raise BadRequest(f"{shortened(name)} is text and no option, options are {allowed}", path=f"$.{name}")
            files.append((content, texts))
        elif name in options:
            raise BadRequest("comes twice, allowed is once", path=f"$.{name}")
        else:
            text = content.decode("utf-8", errors="replace").strip()
            # `.5` is no number to a JSON reader
            options[name] = f"0{text}" if text.startswith(".") else text
    if not files:
        raise BadRequest("the form has no file, at least one is wanted", path="$")
    return files, options


def _is_text(content: bytes, texts: dict[str, str]) -> bool:
    """As an input field of a page is sent. Some clients send files without their names, too: pictures are no UTF-8."""
    if texts["filename"] or texts["content_type"] not in ("", "text/plain"):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


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
