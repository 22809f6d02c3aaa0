"""The parts of a form: parsed by `multipart` (https://multipart.readthedocs.io), in its strict mode."""

from __future__ import annotations

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from images.scoring.errors import BadRequest
from images.scoring.request import Request

MOST_PARTS = 64


def parts_of(request: Request) -> list[tuple[bytes, dict[str, str]]]:
    """The content of each part, and its texts; raises BadRequest."""
    _, options = parse_options_header(request.headers.get(b"content-type", b"").decode("latin-1"))
    parts: list[tuple[bytearray, dict[str, str]]] = []
    try:
        with PushMultipartParser(options.get("boundary", ""), max_segment_count=MOST_PARTS, strict=True) as parser:
            for event in (*parser.parse(request.body), *parser.parse(b"")):
                if isinstance(event, MultipartSegment):
                    parts.append((bytearray(), _texts(event)))
                elif event:
                    parts[-1][0].extend(event)
    except (MultipartError, UnicodeDecodeError) as error:
        raise BadRequest(f"the form cannot be read: {error} (at most {MOST_PARTS} parts are allowed)") from error
    if not parts:
        raise BadRequest("the form has no part, at least one is wanted", path="$")
    return [(bytes(content), texts) for content, texts in parts]


def _texts(part: MultipartSegment) -> dict[str, str]:
    return {"name": part.name or "", "filename": part.filename or "", "content_type": part.content_type or ""}
