"""multipart/form-data, written: several files as one body. RFC 7578, names escaped as HTML has it.

https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.card import Body

_ESCAPED = str.maketrans({"\r": "%0D", "\n": "%0A", '"': "%22"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    """Of the form's field."""
    filename: str
    body: Body


def form(parts: Sequence[Part]) -> Body:
    """The boundary is made of the parts, so the same parts give the same bytes."""
    boundary = hashlib.sha256(b"\0".join(part.body.content for part in parts)).hexdigest()[:32]
    lines = [line for part in parts for line in _lines(part, boundary)]
    content = b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
    return Body(f"multipart/form-data; boundary={boundary}", content)


def _lines(part: Part, boundary: str) -> list[bytes]:
    name, filename = (text.translate(_ESCAPED) for text in (part.name, part.filename))
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return [f"{head}Content-Type: {part.body.media_type}\r\n".encode(), part.body.content]
