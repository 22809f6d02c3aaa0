"""What the files of a command line are sent as: JSON, a picture as it is, or several as a form."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.errors import Refused
from contracts.card import JSON_MEDIA_TYPE, Body
from contracts.form import Part, form

STANDARD_INPUT = "-"
_MAX_BYTES = 64 * 1024 * 1024


def body_of_files(names: Sequence[str], *, as_form: bool = False, options: Sequence[tuple[str, str]] = ()) -> Body:
    """By their suffixes; what has none that is known is JSON. `options` are fields of the form. Raises Refused."""
    if names.count(STANDARD_INPUT) > 1:
        raise Refused("- is given twice; standard input can be read once")
    if options and any(media_type(name) == JSON_MEDIA_TYPE for name in names):
        raise Refused("--set goes with pictures; options of JSON are members of it")
    if len(names) == 1 and not as_form and not options:
        return Body(media_type(names[0]), _read(names[0]))
    parts = [_part(name) for name in names]
    if (size := sum(len(part.body.content) for part in parts)) > _MAX_BYTES:
        raise Refused(f"{len(parts)} files are {size} bytes together; at most {_MAX_BYTES} are allowed")
    return _with_fields(form(parts), options)


def _with_fields(body: Body, options: Sequence[tuple[str, str]]) -> Body:
    """Parts without a file's name, as a page's input fields are sent."""
    boundary = body.media_type.partition("boundary=")[2]
    end = f"--{boundary}--\r\n".encode()
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"\r\n\r\n{{}}\r\n'
    fields = "".join(head.format(name, value) for name, value in options)
    return Body(body.media_type, body.content.removesuffix(end) + fields.encode() + end)


def _part(name: str) -> Part:
    return Part(name=Path(name).name, filename=Path(name).name, body=Body(media_type(name), _read(name)))


def media_type(name: str) -> str:
    """What the suffix says."""
    kind, encoding = mimetypes.guess_type(name)
    return JSON_MEDIA_TYPE if kind is None or encoding is not None else kind


def _read(name: str) -> bytes:
    try:
        body = sys.stdin.buffer.read(_MAX_BYTES + 1) if name == STANDARD_INPUT else _file(Path(name))
    except OSError as error:
        raise Refused(f"file {name!r} cannot be read: {error.strerror}") from error
    if len(body) > _MAX_BYTES:
        raise Refused(f"file {name!r} is larger than {_MAX_BYTES} bytes")
    return body


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES + 1)
