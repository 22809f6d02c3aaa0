"""How blobs and what is asked of them are spelt in headers and XML.

https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, unescape

from standin.blob.errors import (
    ConditionNotMet,
    InvalidHeader,
    InvalidMetadata,
    InvalidName,
    InvalidRange,
    InvalidTags,
)
from standin.blob.state import Blob
from standin.core.http import Request, Response
from standin.core.numbers import whole_number

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_TAG = re.compile(rb"<Tag>\s*<Key>([^<]*)</Key>\s*<Value>([^<]*)</Value>\s*</Tag>")
_META = "x-ms-meta-"
_META_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE | re.ASCII)
_TAG_TEXT = re.compile(r"[A-Za-z0-9 +\-./:=_]*")
_CONTAINER = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,62}|\$(?:root|web|logs)")
_LONGEST_CONTAINER, _LONGEST_BLOB = 63, 1024
_SERVED_VERSION = "2025-11-05"
VERSIONS = (
    "2009-09-19", "2011-08-18", "2012-02-12", "2013-08-15", "2014-02-14", "2015-02-21", "2015-04-05", "2015-07-08",
    "2015-12-11", "2016-05-31", "2017-04-17", "2017-07-29", "2017-11-09", "2018-03-28", "2018-06-17", "2018-11-09",
    "2019-02-02", "2019-07-07", "2019-10-10", "2019-12-12", "2020-02-10", "2020-04-08", "2020-06-12", "2020-08-04",
    "2020-10-02", "2020-12-06", "2021-02-12", "2021-04-10", "2021-06-08", "2021-08-06", "2021-10-04", "2021-12-02",
    "2022-11-02", "2023-01-03", "2023-05-03", "2023-08-03", "2023-11-03", "2024-02-04", "2024-05-04", "2024-08-04",
    "2024-11-04", "2025-01-05", "2025-05-05", "2025-07-05", "2025-11-05", "2026-02-06", "2026-04-06", "2026-06-06",
    "2026-10-06",
)  # fmt: skip
"""https://learn.microsoft.com/rest/api/storageservices/previous-azure-storage-service-versions"""


def check_version(request: Request) -> None:
    version = request.headers.get("x-ms-version") or request.query.get("sv")
    if version is not None and version not in VERSIONS:
        raise InvalidHeader("x-ms-version", version, "a version of the service, such as 2025-11-05")


def check_container_name(name: str) -> None:
    """https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata"""
    if not _CONTAINER.fullmatch(name) or len(name) > _LONGEST_CONTAINER:
        raise InvalidName(name, f"1 to {_LONGEST_CONTAINER} small letters and digits, single hyphens between them")


def check_blob_name(name: str) -> None:
    if len(name) > _LONGEST_BLOB:
        raise InvalidName(name, f"{_LONGEST_BLOB} characters")


def check_conditions(request: Request, blob: Blob | None) -> None:
    """Of a read they end in 304 where nothing is new, of a write in 412."""
    headers, etag = request.headers, blob.etag if blob else None
    reads = request.method in ("GET", "HEAD")
    if (wanted := headers.get("if-match")) is not None and not _matches(wanted, etag):
        raise ConditionNotMet
    if (unwanted := headers.get("if-none-match")) is not None and _matches(unwanted, etag):
        raise ConditionNotMet(not_modified=reads)
    changed = datetime.fromisoformat(blob.modified).replace(microsecond=0) if blob else None
    since, until = _date(request, "if-modified-since"), _date(request, "if-unmodified-since")
    if changed is not None and since is not None and changed <= since:
        raise ConditionNotMet(not_modified=reads)
    if changed is not None and until is not None and changed > until:
        raise ConditionNotMet


def _matches(asked: str, etag: str | None) -> bool:
    return etag is not None and (asked.strip() == "*" or etag in [one.strip() for one in asked.split(",")])


def _date(request: Request, name: str) -> datetime | None:
    text = request.headers.get(name)
    try:
        return parsedate_to_datetime(text) if text is not None else None
    except ValueError as error:
        raise InvalidHeader(name, text or "", "a date as in RFC 1123") from error


def range_of(request: Request, size: int) -> tuple[int, int] | None:
    text = request.headers.get("x-ms-range") or request.headers.get("range")
    if not text:
        return None
    matched = _RANGE.fullmatch(text)
    if not matched:
        raise InvalidHeader("Range", text, "bytes=<first>-<last>")
    start, last = whole_number(matched[1]), whole_number(matched[2] or str(max(size - 1, 0)))
    if start is None or last is None:
        raise InvalidRange(size)
    end = min(last, size - 1)
    if start >= size or end < start:
        raise InvalidRange(size)
    return start, end


def metadata_of(request: Request) -> dict[str, str]:
    found = {name[len(_META) :]: value for name, value in request.headers.items() if name.startswith(_META)}
    for name in found:
        if not _META_NAME.fullmatch(name):
            raise InvalidMetadata(name)
    return found


def metadata_headers(metadata: Mapping[str, str]) -> dict[str, str]:
    return {_META + name: value for name, value in metadata.items()}


def tags_of(request: Request) -> dict[str, str]:
    """Of `x-ms-tags`, which is spelt as a query."""
    return _checked(dict(parse_qsl(request.headers.get("x-ms-tags", ""), keep_blank_values=True)))


def tags_in(body: bytes) -> dict[str, str]:
    if b"<Tags" not in body:
        raise InvalidTags("the body has no <Tags>")
    return _checked({unescape(key.decode()): unescape(value.decode()) for key, value in _TAG.findall(body)})


def _checked(tags: dict[str, str]) -> dict[str, str]:
    if len(tags) > 10 or any(not key or len(key) > 128 or len(value) > 256 for key, value in tags.items()):
        raise InvalidTags("10 tags are allowed, keys of 1 to 128 and values of 0 to 256 characters")
    if not all(_TAG_TEXT.fullmatch(text) for item in tags.items() for text in item):
        raise InvalidTags("letters, digits, space and + - . / : = _ are allowed")
    return tags


def tags_xml(tags: Mapping[str, str]) -> Response:
    items = "".join(f"<Tag><Key>{escape(key)}</Key><Value>{escape(value)}</Value></Tag>" for key, value in tags.items())
    text = f'<?xml version="1.0" encoding="utf-8"?><Tags><TagSet>{items}</TagSet></Tags>'
    return Response(body=text.encode(), headers={"content-type": "application/xml"})


def properties_of(blob: Blob) -> dict[str, str]:
    return {
        **stamps(blob.etag, blob.modified),
        **blob.headers,
        "content-type": blob.content_type,
        "accept-ranges": "bytes",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-creation-time": format_datetime(datetime.fromisoformat(blob.created or blob.modified), usegmt=True),
        "x-ms-server-encrypted": "true",
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        **({"x-ms-tag-count": str(len(blob.tags))} if blob.tags else {}),
        **metadata_headers(blob.metadata),
    }


def stamps(etag: str, modified: str) -> dict[str, str]:
    return {
        "etag": etag,
        "last-modified": format_datetime(datetime.fromisoformat(modified), usegmt=True),
        "x-ms-version": _SERVED_VERSION,
        "x-ms-request-server-encrypted": "true",
    }
