"""Translates the Blob REST API. https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from standin.blob.accounts import Accounts
from standin.blob.errors import (
    AccountNotFound,
    BlobAlreadyExists,
    ConditionNotMet,
    InvalidHeader,
    InvalidRange,
    UnsupportedOperation,
)
from standin.blob.listing import blob_list, container_list
from standin.blob.signatures import Access
from standin.blob.state import Blob, Blobs
from standin.core.arm import Resource
from standin.core.http import Request, Response, empty

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BLOCKS = re.compile(rb"<(?:Latest|Uncommitted|Committed)>([^<]+)</")
_KEPT_HEADERS = ("content-encoding", "content-language", "content-disposition", "cache-control")
_SOURCE = "x-ms-copy-source"
_META = "x-ms-meta-"
_VERSION = "x-ms-version"


class BlobHandlers:
    def __init__(self, accounts: Accounts, blobs: Blobs, access: Access) -> None:
        self._accounts = accounts
        self._blobs = blobs
        self._access = access

    async def account(self, request: Request, _: Mapping[str, str]) -> Response:
        account = self._account(request)
        self._access.check(account, request, "", write=False)
        if request.query.get("comp") != "list" or request.method != "GET":
            raise UnsupportedOperation(request.method, request.query.get("comp", ""))
        return container_list(account.name, self._blobs.containers(account.name, request.query.get("prefix", "")))

    async def container(self, request: Request, parameters: Mapping[str, str]) -> Response:
        account, container = self._account(request), parameters["container"]
        write = request.method in ("PUT", "DELETE")
        self._access.check(account, request, container, write=write)
        comp = request.query.get("comp", "")
        if request.query.get("restype") != "container":
            raise UnsupportedOperation(request.method, comp)
        match request.method, comp:
            case "PUT", "":
                made = self._blobs.create_container(account.name, container)
                return empty(201, _stamps(made["etag"], made["modified"]))
            case (("GET" | "HEAD"), ""):
                description = self._blobs.container(account.name, container)
                return empty(200, _stamps(description["etag"], description["modified"]))
            case "DELETE", "":
                self._blobs.delete_container(account.name, container)
                return empty(202)
            case "GET", "list":
                listed = self._blobs.list(account.name, container, request.query.get("prefix", ""))
                return blob_list(account.name, container, listed, request.query)
        raise UnsupportedOperation(request.method, comp)

    async def read(self, request: Request, parameters: Mapping[str, str]) -> Response:
        account, container, name = self._authorized(request, parameters, write=False)
        if request.query.get("comp"):
            raise UnsupportedOperation(request.method, request.query["comp"])
        blob = self._blobs.get(account, container, name)
        _check_conditions(request, blob)
        headers = _properties(blob)
        if request.method == "HEAD":
            return empty(200, {**headers, "content-length": str(blob.size)})
        asked_range = request.headers.get("x-ms-range") or request.headers.get("range")
        start, end = _range(asked_range, blob.size) if asked_range else (0, blob.size - 1)
        headers["content-length"] = str(end - start + 1)
        if asked_range:
            headers["content-range"] = f"bytes {start}-{end}/{blob.size}"
        chunks = self._blobs.read(blob, start, end - start + 1)
        return Response(status=206 if asked_range else 200, headers=headers, chunks=chunks)

    async def write(self, request: Request, parameters: Mapping[str, str]) -> Response:
        account, container, name = self._authorized(request, parameters, write=True)
        match request.query.get("comp", ""):
            case "" if _SOURCE in request.headers:
                return await self._copy(request, account, container, name)
            case "":
                return await self._put_blob(request, account, container, name)
            case "block":
                self._blobs.container(account, container)
                file, size = await self._blobs.receive(request.stream())
                self._blobs.put_block(account, container, name, request.query.get("blockid", ""), file, size)
                return empty(201)
            case "blocklist":
                return await self._put_block_list(request, account, container, name)
            case "metadata":
                blob = self._blobs.set_metadata(account, container, name, _metadata(request))
                return empty(200, _stamps(blob.etag, blob.modified))
            case comp:
                raise UnsupportedOperation(request.method, comp)

    async def delete(self, request: Request, parameters: Mapping[str, str]) -> Response:
        account, container, name = self._authorized(request, parameters, write=True)
        _check_conditions(request, self._blobs.get(account, container, name))
        self._blobs.delete(account, container, name)
        return empty(202)

    async def _put_blob(self, request: Request, account: str, container: str, name: str) -> Response:
        kind = request.headers.get("x-ms-blob-type", "")
        if kind != "BlockBlob":
            raise InvalidHeader("x-ms-blob-type", kind, "BlockBlob")
        self._blobs.container(account, container)
        self._check_overwrite(request, account, container, name)
        file, size = await self._blobs.receive(request.stream())
        return self._commit(request, account, container, name, file, size)

    async def _copy(self, request: Request, account: str, container: str, name: str) -> Response:
        """Of a blob of the same account, done at once. https://learn.microsoft.com/rest/api/storageservices/copy-blob"""
        source = urlsplit(request.headers[_SOURCE])
        place, _, blob = unquote(source.path).lstrip("/").partition("/")
        if source.netloc != request.host or not blob:
            raise InvalidHeader(_SOURCE, request.headers[_SOURCE], f"https://{request.host}/<container>/<blob>")
        self._blobs.container(account, container)
        self._check_overwrite(request, account, container, name)
        copied = self._blobs.copy(account, (place, blob), (container, name))
        done = {"x-ms-copy-id": str(uuid.uuid4()), "x-ms-copy-status": "success"}
        return empty(202, {**_stamps(copied.etag, copied.modified), **done})

    async def _put_block_list(self, request: Request, account: str, container: str, name: str) -> Response:
        self._blobs.container(account, container)
        self._check_overwrite(request, account, container, name)
        body = b"".join([chunk async for chunk in request.stream()])
        blocks = [block.decode() for block in _BLOCKS.findall(body)]
        file, size = await self._blobs.join_blocks(account, container, name, blocks)
        response = self._commit(request, account, container, name, file, size)
        self._blobs.drop_blocks(account, container, name)
        return response

    def _commit(self, request: Request, account: str, container: str, name: str, file: str, size: int) -> Response:
        headers = request.headers
        kept = {key: headers[f"x-ms-blob-{key}"] for key in _KEPT_HEADERS if f"x-ms-blob-{key}" in headers}
        plain = headers.get("content-type", "") if "comp" not in request.query else ""
        blob = self._blobs.put(
            account,
            container,
            name,
            file=file,
            size=size,
            content_type=headers.get("x-ms-blob-content-type") or plain or "application/octet-stream",
            headers=kept,
            metadata=_metadata(request),
            only_new=headers.get("if-none-match") == "*",
        )
        return empty(201, _stamps(blob.etag, blob.modified))

    def _check_overwrite(self, request: Request, account: str, container: str, name: str) -> None:
        """Before the body is read; once more when it is committed."""
        old = self._blobs.find(account, container, name)
        if old is not None and request.headers.get("if-none-match") == "*":
            raise BlobAlreadyExists
        if_match = request.headers.get("if-match")
        if if_match and (old is None or if_match not in ("*", old.etag)):
            raise ConditionNotMet

    def _account(self, request: Request) -> Resource:
        name = request.host.split(".", 1)[0]
        account = self._accounts.named(name)
        if account is None:
            raise AccountNotFound(name)
        return account

    def _authorized(self, request: Request, parameters: Mapping[str, str], *, write: bool) -> tuple[str, str, str]:
        account = self._account(request)
        container, name = parameters["container"], parameters["blob"]
        self._access.check(account, request, f"{container}/{name}", write=write)
        return account.name, container, name


def _check_conditions(request: Request, blob: Blob) -> None:
    if_match, if_none = request.headers.get("if-match"), request.headers.get("if-none-match")
    if (if_match and if_match not in ("*", blob.etag)) or (if_none and if_none in ("*", blob.etag)):
        raise ConditionNotMet


def _range(text: str, size: int) -> tuple[int, int]:
    matched = _RANGE.fullmatch(text)
    if not matched:
        raise InvalidHeader("Range", text, "bytes=<first>-<last>")
    start = int(matched[1])
    end = min(int(matched[2]) if matched[2] else size - 1, size - 1)
    if start >= size or end < start:
        raise InvalidRange(size)
    return start, end


def _metadata(request: Request) -> dict[str, str]:
    return {name[len(_META) :]: unquote(value) for name, value in request.headers.items() if name.startswith(_META)}


def _properties(blob: Blob) -> dict[str, str]:
    return {
        **_stamps(blob.etag, blob.modified),
        **blob.headers,
        "content-type": blob.content_type,
        "accept-ranges": "bytes",
        "x-ms-blob-type": "BlockBlob",
        "x-ms-creation-time": format_datetime(datetime.fromisoformat(blob.created or blob.modified), usegmt=True),
        "x-ms-server-encrypted": "true",
        "x-ms-lease-status": "unlocked",
        "x-ms-lease-state": "available",
        **{_META + name: value for name, value in blob.metadata.items()},
    }


def _stamps(etag: str, modified: str) -> dict[str, str]:
    return {
        "etag": etag,
        "last-modified": format_datetime(datetime.fromisoformat(modified), usegmt=True),
        _VERSION: "2025-11-05",
        "x-ms-request-server-encrypted": "true",
    }
