"""What is asked of ARM besides one body: the whole of a list, by its `nextLink`, and whether something is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cloud.errors import ServiceError, is_missing

Get = Callable[..., Any]
"""`get(path, api_version, **query)` is the body of a GET; `path` is a whole resource id. Raises ServiceError."""


def listed(get: Get, path: str, api_version: str, **query: str) -> Iterator[Mapping[str, Any]]:
    """All pages of a list. Raises ServiceError where it comes back to a page that was there already."""
    page, seen = get(path, api_version, **query), set[str]()
    while True:
        yield from page.get("value") or ()
        link = str(page.get("nextLink") or "")
        parts = urlsplit(link)
        if not parts.path:
            return
        if link in seen:
            raise ServiceError(f"GET {path}", 200, "", "its list goes on with a page that was there already")
        seen.add(link)
        query = {name: value for name, value in parse_qsl(parts.query) if name != "api-version"}
        page = get(parts.path, api_version, **query)


def exists(get: Get, path: str, api_version: str) -> bool:
    try:
        get(path, api_version)
    except ServiceError as error:
        if is_missing(error):
            return False
        raise
    return True
