"""The XML answers of the two list operations.

https://learn.microsoft.com/rest/api/storageservices/list-blobs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from standin.blob.state import Blob
from standin.core.http import Response

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_MOST = 5000


def container_list(account: str, containers: Iterable[Mapping[str, Any]]) -> Response:
    items = "".join(
        f"<Container><Name>{escape(container['name'])}</Name>"
        f"<Properties>{_stamps(container['etag'], container['modified'])}</Properties></Container>"
        for container in containers
    )
    return _xml(
        f"{_HEAD}<EnumerationResults ServiceEndpoint={quoteattr(f'https://{account}.blob.core.windows.net/')}>"
        f"<Containers>{items}</Containers><NextMarker /></EnumerationResults>"
    )


def blob_list(account: str, container: str, blobs: Sequence[Blob], query: Mapping[str, str]) -> Response:
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    limit = int(query["maxresults"]) if query.get("maxresults", "").isdigit() else _MOST
    with_metadata = "metadata" in query.get("include", "")
    entries = _folded(blobs, prefix, delimiter)
    waiting = [name for name in sorted(entries) if name >= query.get("marker", "")]
    shown, rest = waiting[:limit], waiting[limit:]
    items = "".join(
        _blob(blob, with_metadata)
        if (blob := entries[name])
        else f"<BlobPrefix><Name>{escape(name)}</Name></BlobPrefix>"
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


def _blob(blob: Blob, with_metadata: bool) -> str:
    metadata = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in blob.metadata.items())
    return (
        f"<Blob><Name>{escape(blob.name)}</Name><Properties>{_stamps(blob.etag, blob.modified)}"
        f"<Content-Length>{blob.size}</Content-Length><Content-Type>{escape(blob.content_type)}</Content-Type>"
        "<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus>"
        "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>"
        + (f"<Metadata>{metadata}</Metadata>" if with_metadata else "")
        + "</Blob>"
    )


def _stamps(etag: str, modified: str) -> str:
    date = format_datetime(datetime.fromisoformat(modified), usegmt=True)
    return f"<Last-Modified>{date}</Last-Modified><Etag>{escape(etag.strip(chr(34)))}</Etag>"


def _xml(text: str) -> Response:
    return Response(body=text.encode(), headers={"content-type": "application/xml"})
