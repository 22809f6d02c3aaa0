"""The query of a GET as an object: each value is JSON where it can be, else text."""

from __future__ import annotations

import codecs
import json
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes

from images.scoring.errors import BadRequest

MAX_QUERY_FIELDS = 1000


_QUOTED = "edgeway.quoted"
codecs.register_error(_QUOTED, lambda error: _quoted(error))


def query_fields(query: bytes) -> dict[str, Any]:
    """`a=1&b=x&b=[2]` is {"a": 1, "b": ["x", [2]]}; raises BadRequest."""
    fields: dict[str, list[Any]] = {}
    try:
        for name, value in parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS, errors=_QUOTED
        ):
            fields.setdefault(name, []).append(_json_or_text(value))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"query cannot be read: {error}") from error
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _quoted(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 stays as it was written, as in Azure ML's own server."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return quote_from_bytes(error.object[error.start : error.end], safe=""), error.end
