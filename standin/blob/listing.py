"""The XML answers of the two list operations.

https://learn.microsoft.com/rest/api/storageservices/list-blobs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from standin.blob.errors import InvalidQueryParameter
from standin.blob.state import Blob
from standin.core.http import Response
from standin.core.numbers import whole_number

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_MOST = 5000
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_INCLUDED = ("metadata", "tags", "snapshots", "versions", "deleted", "deletedwithversions", "immutabilitypolicy")
"""What a list may include. Of all but the first two there is nothing here, so that it is all there."""


def container_list(account: str, containers: Iterable[Mapping[str, Any]], query: Mapping[str, str]) -> Response:
    included, limit = _included(query), _limit(query)
    waiting = [one for one in containers if one["name"] >= query.get("marker", "")]
    items = "".join(
        f"<Container><Name>{escape(container['name'])}</Name>"
        f"<Properties>{_stamps(container['etag'], container['modified'])}</Properties>"
        f"{_metadata(container['metadata']) if 'metadata' in included else ''}</Container>"
        for container in waiting[:limit]
    )
    rest = waiting[limit:]
    marker = f"<NextMarker>{escape(rest[0]['name'])}</NextMarker>" if rest else "<NextMarker />"
    return _xml(
        f"{_HEAD}<EnumerationResults ServiceEndpoint={quoteattr(f'https://{account}.blob.core.windows.net/')}>"
        f"<Containers>{items}</Containers>{marker}</EnumerationResults>"
    )


def blob_list(account: str, container: str, blobs: Sequence[Blob], query: Mapping[str, str]) -> Response:
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    included, limit = _included(query), _limit(query)
    entries = _folded(blobs, prefix, delimiter)
    waiting = [name for name in sorted(entries) if name >= query.get("marker", "")]
    shown, rest = waiting[:limit], waiting[limit:]
    items = "".join(
        _blob(blob, included) if (blob := entries[name]) else f"<BlobPrefix>{_name(name)}</BlobPrefix>"
        for name in shown
    )
    marker = f"<NextMarker>{escape(rest[0])}</NextMarker>" if rest else "<NextMarker />"
    return _xml(
        f"{_HEAD}<EnumerationResults ServiceEndpoint={quoteattr(f'https://{account}.blob.core.windows.net/')} "
        f"ContainerName={quoteattr(container)}><Prefix>{escape(prefix)}</Prefix><Blobs>{items}</Blobs>{marker}"
        "</EnumerationResults>"
    )


def _folded(blobs: Iterable[Blob], prefix: str, delimiter: str) -> dict[str, Blob | None]:
    """Names under the prefix; what lies behind a delimiter is one entry without a blob."""
    entries: dict[str, Blob | None] = {}
    for blob in blobs:
        rest = blob.name[len(prefix) :]
        if delimiter and delimiter in rest:
            entries[prefix + rest.split(delimiter, 1)[0] + delimiter] = None
        else:
            entries[blob.name] = blob
    return entries


def _included(query: Mapping[str, str]) -> set[str]:
    """InvalidQueryParameter for what is not kept (copies, uncommitted blobs)."""
    asked = {one.strip().lower() for one in query.get("include", "").split(",") if one.strip()}
    if unknown := sorted(asked - set(_INCLUDED)):
        raise InvalidQueryParameter("include", unknown[0], f"are {', '.join(_INCLUDED)}")
    return asked


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("maxresults", str(_MOST))
    number = whole_number(text)
    if not number:
        raise InvalidQueryParameter("maxresults", text, f"are whole numbers from 1 to {_MOST}")
    return min(number, _MOST)


def _metadata(metadata: Mapping[str, str]) -> str:
    items = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in metadata.items())
    return f"<Metadata>{items}</Metadata>"


def _tags(tags: Mapping[str, str]) -> str:
    items = "".join(f"<Tag><Key>{escape(key)}</Key><Value>{escape(value)}</Value></Tag>" for key, value in tags.items())
    return f"<Tags><TagSet>{items}</TagSet></Tags>"


def _blob(blob: Blob, included: set[str]) -> str:
    return (
        f"<Blob>{_name(blob.name)}<Properties>{_stamps(blob.etag, blob.modified)}"
        f"<Content-Length>{blob.size}</Content-Length><Content-Type>{escape(blob.content_type)}</Content-Type>"
        "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus>"
        "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>"
        + (_metadata(blob.metadata) if "metadata" in included else "")
        + (_tags(blob.tags) if "tags" in included and blob.tags else "")
        + "</Blob>"
    )


def _name(name: str) -> str:
    """One that XML cannot hold is percent-encoded, and says so."""
    if _NOT_IN_XML.search(name) is None:
        return f"<Name>{escape(name)}</Name>"
    return f'<Name Encoded="true">{quote(name)}</Name>'


def _stamps(etag: str, modified: str) -> str:
    date = format_datetime(datetime.fromisoformat(modified), usegmt=True)
    return f"<Last-Modified>{date}</Last-Modified><Etag>{escape(etag.strip(chr(34)))}</Etag>"


def _xml(text: str) -> Response:
    return Response(body=text.encode(), headers={"content-type": "application/xml"})
