"""A file as a value of a typed `run`: a struct whose `content` is bytes.

    class Picture(Struct):
        content: bytes
        name: str = ""              # of the form's field
        filename: str = ""
        content_type: str = ""      # lower case, without parameters

It comes as a part of a form (multipart.py), as a body of its own (raw.py), and in JSON, where bytes are base64. Of the
three texts a script declares those that it wants, each with a default, as not every form has them. What else it
declares, with defaults too, are options: how the file is to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from images.scoring.bodies.json_refusal import shortened
from images.scoring.errors import BadRequest

CONTENT = "content"
TEXTS = frozenset(("name", "filename", "content_type"))


def is_file(kind: Any) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return False
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    content = fields.pop(CONTENT, None)
    return content is not None and _is_bytes(content.type) and not any(field.required for field in fields.values())


def options_of(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(kind)) - TEXTS - {CONTENT}


def _is_bytes(kind: Any) -> bool:
    """Bounds on its length may be around it."""
    return getattr(kind, "__origin__", kind) is bytes


def convert(value: Any, kind: Any, options: Mapping[str, str] | None = None) -> Any:
    """Of dicts to `kind`, with the bounds that it declares; `options` are texts. Raises BadRequest."""
    try:
        return msgspec.convert(value, kind, builtin_types=(bytes,), strict=False)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `")
        path = path.rstrip("`") or "$"
        name = path.rpartition(".")[2]
        if options and name in options:
            raise BadRequest(f"{name} is {shortened(options[name])}: {what}", path=f"$.{name}") from error
        raise BadRequest(what, path=path) from error


def wanted(
    kind: type[msgspec.Struct], content: bytes, texts: Mapping[str, str], options: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The fields that the struct declares."""
    declared = kind.__struct_fields__  # not `structs.fields`, which reads the annotations anew, for .3 ms
    return {CONTENT: content, **{name: text for name, text in texts.items() if name in declared}, **(options or {})}
