"""A module's message, as routes see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_JSON_ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "utf-32": "utf-32"}


class NotJson(Exception):
    """The body cannot be queried: content type or encoding is missing or not JSON's, or it does not parse."""


@dataclass(slots=True)
class Message:
    """`source` is what routes match: `/messages/modules/<m>[/outputs/<o>]` or `/twinChangeNotifications`."""

    source: str
    module: str
    system: dict[str, str]
    properties: dict[str, str]
    bag: str
    """The bag as it came: stored for the way upstream, and read again after a restart."""
    forwarded: str
    """The bag for the next module: sender named, output left out."""
    body: bytes
    _json: Any = None
    _parsed: bool = False

    def json(self) -> Any:
        if not self._parsed:
            encoding = _JSON_ENCODINGS.get(self.system.get("contentEncoding", "").lower())
            if self.system.get("contentType", "").lower() != "application/json" or encoding is None:
                raise NotJson("contentType must be application/json and contentEncoding utf-8, utf-16 or utf-32")
            try:
                self._json = json.loads(self.body.decode(encoding))
            except (ValueError, RecursionError) as problem:
                raise NotJson(f"the body is not JSON: {problem}") from problem
            self._parsed = True
        return self._json
