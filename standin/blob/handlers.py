"""Translates the operations on blobs. https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from standin.blob.containers import ContainerHandlers
from standin.blob.errors import (
    BlobAlreadyExists,
    InvalidHeader,
    Md5Mismatch,
    MissingQueryParameter,
    OverwriteNotPermitted,
)
from standin.blob.signatures import may_overwrite
from standin.blob.state import Blob, Blobs, Received
from standin.blob.wire import (
    check_blob_name,
    check_conditions,
    metadata_of,
    properties_of,
    range_of,
    stamps,
    tags_in,
    tags_of,
    tags_xml,
)
from standin.core.http import Request, Response, empty, whole

_BLOCKS = re.compile(rb"<(?:Latest|Uncommitted|Committed)>([^<]+)</")
_KEPT_HEADERS = ("content-encoding", "content-language", "content-disposition", "cache-control", "content-md5")
_SOURCE = "x-ms-copy-source"
_TIER = "x-ms-access-tier"
Change = Callable[[Blob], Blob]


class BlobHandlers:
    def __init__(self, containers: ContainerHandlers, blobs: Blobs) -> None:
        self._containers = containers
        self._blobs = blobs

    async def read(self, request: Request, parameters: Mapping[str, str]) -> Response:
        blob = self._blobs.get(*self._place(request, parameters))
        check_conditions(request, blob)
        headers = properties_of(blob)
        if request.method == "HEAD":
            return empty(200, {**headers, "content-length": str(blob.size)})
        asked = range_of(request, blob.size)
        start, end = asked or (0, blob.size - 1)
        headers["content-length"] = str(end - start + 1)
        if asked:
            headers["content-range"] = f"bytes {start}-{end}/{blob.size}"
        chunks = self._blobs.read(blob, start, end - start + 1)
        return Response(status=206 if asked else 200, headers=headers, chunks=chunks)

    async def put(self, request: Request, parameters: Mapping[str, str]) -> Response:
        place = self._place(request, parameters)
        kind = request.headers.get("x-ms-blob-type", "")
        if kind != "BlockBlob":
            raise InvalidHeader("x-ms-blob-type", kind, "BlockBlob")
        self._blobs.container(*place[:2])
        self._check_overwrite(request, place)
        received = await self._blobs.receive(request.stream())
        self._check_md5(request, received, "content-md5", "x-ms-blob-content-md5")
        return self._commit(request, place, received, {"content-md5": received.md5})

    async def put_block(self, request: Request, parameters: Mapping[str, str]) -> Response:
        account, container, name = self._place(request, parameters)
        block = request.query.get("blockid", "")
        if not block:
            raise MissingQueryParameter("blockid")
        self._blobs.container(account, container)
        received = await self._blobs.receive(request.stream())
        self._check_md5(request, received, "content-md5")
        self._blobs.put_block(account, container, name, block, received.file, received.size)
        return empty(201, {"content-md5": received.md5})

    async def put_block_list(self, request: Request, parameters: Mapping[str, str]) -> Response:
        place = self._place(request, parameters)
        self._blobs.container(*place[:2])
        self._check_overwrite(request, place)
        body = await whole(request.stream())
        # of the list itself, as it came
        md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        if (said := request.headers.get("content-md5", md5)) != md5:
            raise Md5Mismatch(said, md5)
        blocks = [block.decode() for block in _BLOCKS.findall(body)]
        response = self._commit(request, place, await self._blobs.join_blocks(*place, blocks), {})
        self._blobs.drop_blocks(*place)
        return response

    async def copy(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Of a blob of the same account, done at once. https://learn.microsoft.com/rest/api/storageservices/copy-blob"""
        account, container, name = place = self._place(request, parameters)
        source = urlsplit(request.headers[_SOURCE])
        of, _, blob = unquote(source.path).lstrip("/").partition("/")
        if source.netloc != request.host or not blob or source.query:
            raise InvalidHeader(_SOURCE, request.headers[_SOURCE], f"https://{request.host}/<container>/<blob>")
        _check_tier(request)
        self._blobs.container(account, container)
        self._check_overwrite(request, place)
        said = metadata_of(request)
        tags = tags_of(request) if "x-ms-tags" in request.headers else None
        copied = self._blobs.copy(account, (of, blob), (container, name), metadata=said or None, tags=tags)
        done = {"x-ms-copy-id": str(uuid.uuid4()), "x-ms-copy-status": "success"}
        return empty(202, {**stamps(copied.etag, copied.modified), **done})

    async def set_metadata(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return self._changed(request, parameters, lambda blob: replace(blob, metadata=metadata_of(request)))

    async def show_metadata(self, request: Request, parameters: Mapping[str, str]) -> Response:
        blob = self._blobs.get(*self._place(request, parameters))
        check_conditions(request, blob)
        told = properties_of(blob)
        return empty(200, {name: told[name] for name in told if name.startswith(("x-ms-meta-", "etag", "last-"))})

    async def set_properties(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """What is left out is taken away, as Azure does it."""
        kind = request.headers.get("x-ms-blob-content-type", "application/octet-stream")
        return self._changed(
            request, parameters, lambda blob: replace(blob, headers=_described(request), content_type=kind)
        )

    async def show_tags(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return tags_xml(self._blobs.get(*self._place(request, parameters)).tags)

    async def set_tags(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """They are no part of the blob: its ETag stays."""
        place = self._place(request, parameters)
        body = await whole(request.stream())
        self._blobs.save(*place[:2], replace(self._blobs.get(*place), tags=tags_in(body)))
        return empty(204)

    async def delete(self, request: Request, parameters: Mapping[str, str]) -> Response:
        place = self._place(request, parameters)
        if (snapshots := request.headers.get("x-ms-delete-snapshots", "include")) != "include":
            raise InvalidHeader("x-ms-delete-snapshots", snapshots, "include: there are no snapshots")
        check_conditions(request, self._blobs.get(*place))
        self._blobs.delete(*place)
        return empty(202)

    def _changed(self, request: Request, parameters: Mapping[str, str], change: Change) -> Response:
        place = self._place(request, parameters)
        old = self._blobs.get(*place)
        check_conditions(request, old)
        blob = self._blobs.touch(*place[:2], change(old))
        return empty(200, stamps(blob.etag, blob.modified))

    def _commit(
        self, request: Request, place: tuple[str, str, str], received: Received, found: Mapping[str, str]
    ) -> Response:
        headers = request.headers
        plain = headers.get("content-type", "") if "comp" not in request.query else ""
        _check_tier(request)
        blob = self._blobs.put(
            *place,
            received=received,
            content_type=headers.get("x-ms-blob-content-type") or plain or "application/octet-stream",
            headers={**found, **_described(request)},
            metadata=metadata_of(request),
            tags=tags_of(request),
            only_new=headers.get("if-none-match") == "*",
        )
        return empty(201, {**stamps(blob.etag, blob.modified), **found})

    def _check_overwrite(self, request: Request, place: tuple[str, str, str]) -> None:
        """Before the body is read; once more when it is committed."""
        old = self._blobs.find(*place)
        if old is not None and request.headers.get("if-none-match") == "*":
            raise BlobAlreadyExists
        check_conditions(request, old)
        if old is not None and not may_overwrite(request):
            raise OverwriteNotPermitted

    def _check_md5(self, request: Request, received: Received, *names: str) -> None:
        said = [request.headers[name] for name in names if name in request.headers]
        if any(md5 != received.md5 for md5 in said):
            self._blobs.drop(received)
            raise Md5Mismatch(said[0], received.md5)

    def _place(self, request: Request, parameters: Mapping[str, str]) -> tuple[str, str, str]:
        check_blob_name(parameters["blob"])
        return self._containers.account(request).name, parameters["container"], parameters["blob"]


def _described(request: Request) -> dict[str, str]:
    headers = request.headers
    return {name: headers[f"x-ms-blob-{name}"] for name in _KEPT_HEADERS if f"x-ms-blob-{name}" in headers}


def _check_tier(request: Request) -> None:
    if (tier := request.headers.get(_TIER, "Hot")) != "Hot":
        raise InvalidHeader(_TIER, tier, "Hot: other tiers are not built")
