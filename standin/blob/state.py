"""Containers and block blobs: descriptions in the store, bytes in files below `<state>/blob/`.

A file is written whole and renamed before its description is committed; a file that no description names is swept at
the next start.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from standin.blob import files
from standin.blob.errors import (
    BlobAlreadyExists,
    BlobNotFound,
    ContainerAlreadyExists,
    ContainerNotFound,
    InvalidBlockList,
)
from standin.core.clock import Clock, iso
from standin.core.store import Store

_CONTAINER = "blob container"
_BLOB = "blob"
_BLOCK = "blob block"


@dataclass(slots=True, kw_only=True)
class Blob:
    name: str
    file: str
    size: int
    etag: str
    modified: str
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    """Content-Encoding and its like, as given at the upload."""
    metadata: dict[str, str] = field(default_factory=dict)
    created: str = ""
    """When its name was first written."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that no description names yet."""

    file: str
    size: int
    md5: str = ""
    """As base64, as headers spell it."""


class Blobs:
    def __init__(self, store: Store, clock: Clock, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder

    def start(self) -> None:
        """Removes files of uploads that a killed process left without a description."""
        self._folder.mkdir(exist_ok=True)
        known = {value["file"] for kind in (_BLOB, _BLOCK) for _, value in self._store.list(kind)}
        self._unlink(path.name for path in self._folder.iterdir() if path.name not in known)

    def create_container(
        self, account: str, container: str, metadata: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        key = f"{account}/{container}"
        if self._store.get(_CONTAINER, key):
            raise ContainerAlreadyExists
        made = {
            "name": container,
            "modified": iso(self._clock.now()),
            "etag": _etag(),
            "metadata": dict(metadata or {}),
        }
        self._store.put(_CONTAINER, key, made)
        return made

    def ensure_container(self, account: str, container: str) -> None:
        if not self._store.get(_CONTAINER, f"{account}/{container}"):
            self.create_container(account, container)

    def container(self, account: str, container: str) -> dict[str, Any]:
        description = self._store.get(_CONTAINER, f"{account}/{container}")
        if description is None:
            raise ContainerNotFound
        return description

    def set_container_metadata(self, account: str, container: str, metadata: Mapping[str, str]) -> dict[str, Any]:
        known = self.container(account, container)
        made = {**known, "modified": iso(self._clock.now()), "etag": _etag(), "metadata": dict(metadata)}
        self._store.put(_CONTAINER, f"{account}/{container}", made)
        return made

    def containers(self, account: str, prefix: str = "") -> list[dict[str, Any]]:
        return [value for _, value in self._store.list(_CONTAINER, f"{account}/{prefix}")]

    def delete_container(self, account: str, container: str) -> None:
        self.container(account, container)
        files = [value["file"] for _, value in self._store.list(_BLOB, f"{account}/{container}/")]
        files += [value["file"] for _, value in self._store.list(_BLOCK, f"{account}/{container}/")]
        with self._store.transaction():
            self._store.delete_all(_BLOB, f"{account}/{container}/")
            self._store.delete_all(_BLOCK, f"{account}/{container}/")
            self._store.delete(_CONTAINER, f"{account}/{container}")
        self._unlink(files)

    def delete_account(self, account: str) -> None:
        for container in self.containers(account):
            self.delete_container(account, container["name"])

    def get(self, account: str, container: str, name: str) -> Blob:
        self.container(account, container)
        blob = self.find(account, container, name)
        if blob is None:
            raise BlobNotFound
        return blob

    def find(self, account: str, container: str, name: str) -> Blob | None:
        description = self._store.get(_BLOB, f"{account}/{container}/{name}")
        return Blob(**description) if description else None

    def list(self, account: str, container: str, prefix: str) -> Listed:
        self.container(account, container)
        return [Blob(**value) for _, value in self._store.list(_BLOB, f"{account}/{container}/{prefix}")]

    async def receive(self, chunks: AsyncIterator[bytes]) -> Received:
        """Writes a body to a new file."""
        digest = hashlib.md5(usedforsecurity=False)
        name = uuid.uuid4().hex
        path, size, waiting = self._folder / name, 0, bytearray()
        path.touch(mode=0o600)
        try:
            async for chunk in chunks:
                waiting += chunk
                size += len(chunk)
                digest.update(chunk)
                if len(waiting) >= files.PIECE:
                    await asyncio.to_thread(files.append, path, bytes(waiting))
                    waiting.clear()
            await asyncio.to_thread(files.append, path, bytes(waiting))
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(name, size, base64.b64encode(digest.digest()).decode())

    def drop(self, received: Received) -> None:
        self._unlink([received.file])

    def put(
        self,
        account: str,
        container: str,
        name: str,
        *,
        received: Received,
        content_type: str,
        headers: Mapping[str, str],
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
        only_new: bool = False,
    ) -> Blob:
        self.container(account, container)
        old = self.find(account, container, name)
        if old is not None and only_new:
            self.drop(received)
            raise BlobAlreadyExists
        blob = Blob(
            name=name,
            file=received.file,
            size=received.size,
            etag=_etag(),
            modified=(now := iso(self._clock.now())),
            created=old.created if old else now,
            content_type=content_type,
            headers=dict(headers),
            metadata=dict(metadata),
            tags=dict(tags),
        )
        self.save(account, container, blob)
        self._unlink([old.file] if old else [])
        return blob

    def touch(self, account: str, container: str, blob: Blob) -> Blob:
        """Writes down what is now said of a blob, which makes it another."""
        blob.etag, blob.modified = _etag(), iso(self._clock.now())
        self.save(account, container, blob)
        return blob

    def copy(
        self,
        account: str,
        source: tuple[str, str],
        target: tuple[str, str],
        *,
        metadata: Mapping[str, str] | None,
        tags: Mapping[str, str] | None,
    ) -> Blob:
        """Of container and name each, with what was said of the source where nothing else is said."""
        old, file = self.get(account, *source), uuid.uuid4().hex
        shutil.copyfile(self._folder / old.file, self._folder / file)
        return self.put(
            account,
            *target,
            received=Received(file, old.size),
            content_type=old.content_type,
            headers=old.headers,
            metadata=old.metadata if metadata is None else metadata,
            tags=tags or {},
        )

    def put_block(self, account: str, container: str, name: str, block: str, file: str, size: int) -> None:
        self.container(account, container)
        key = _block_key(account, container, name, block)
        old = self._store.get(_BLOCK, key)
        self._store.put(_BLOCK, key, {"file": file, "size": size})
        self._unlink([old["file"]] if old else [])

    async def join_blocks(self, account: str, container: str, name: str, blocks: Iterable[str]) -> Received:
        """The uncommitted blocks as one new file. InvalidBlockList when one was never put."""
        known = [self._store.get(_BLOCK, _block_key(account, container, name, block)) for block in blocks]
        if any(block is None for block in known):
            raise InvalidBlockList
        parts = [self._folder / block["file"] for block in known if block is not None]
        joined = uuid.uuid4().hex
        size = await asyncio.to_thread(files.join, parts, self._folder / joined)
        return Received(joined, size)

    def drop_blocks(self, account: str, container: str, name: str) -> None:
        prefix = _block_key(account, container, name, "")
        files = [value["file"] for _, value in self._store.list(_BLOCK, prefix)]
        self._store.delete_all(_BLOCK, prefix)
        self._unlink(files)

    def delete(self, account: str, container: str, name: str) -> None:
        blob = self.get(account, container, name)
        self._store.delete(_BLOB, f"{account}/{container}/{name}")
        self._unlink([blob.file])

    async def append(self, account: str, container: str, name: str, data: bytes) -> Blob:
        """To the end of a blob; whoever reads it meanwhile has what was there when the reading began.

        Written at the size that is committed, over what a killed process left beyond it.
        """
        blob = self.get(account, container, name)
        await asyncio.to_thread(files.write_at, self._folder / blob.file, blob.size, data)
        blob.size += len(data)
        return self.touch(account, container, blob)

    def file_of(self, blob: Blob) -> Path:
        """Its bytes, to be read."""
        return self._folder / blob.file

    async def read(self, blob: Blob, start: int, length: int) -> AsyncIterator[bytes]:
        """An overwrite in the middle does no harm: the old file stays open."""
        with await asyncio.to_thread((self._folder / blob.file).open, "rb") as file:
            file.seek(start)
            while length > 0:
                piece = await asyncio.to_thread(file.read, min(files.PIECE, length))
                if not piece:
                    return
                length -= len(piece)
                yield piece

    def save(self, account: str, container: str, blob: Blob) -> None:
        self._store.put(_BLOB, f"{account}/{container}/{blob.name}", asdict(blob))

    def _unlink(self, files: Iterable[str]) -> None:
        for name in files:
            (self._folder / name).unlink(missing_ok=True)


Listed = list[Blob]


def _block_key(account: str, container: str, name: str, block: str) -> str:
    return f"{account}/{container}/{name}\n{block}"


def _etag() -> str:
    return f'"0x{uuid.uuid4().hex[:15].upper()}"'
