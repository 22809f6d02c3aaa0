"""The query of a GET as an object: each value is JSON where it can be, else text."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from images.scoring.errors import BadRequest

MAX_QUERY_FIELDS = 1000


def query_fields(query: bytes) -> dict[str, Any]:
    """`a=1&b=x&b=[2]` is {"a": 1, "b": ["x", [2]]}; raises BadRequest."""
    fields: dict[str, list[Any]] = {}
    try:
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS):
            fields.setdefault(name, []).append(_json_or_text(value))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"query cannot be read: {error}") from error
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
