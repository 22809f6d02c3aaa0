"""Files between blob storage and a container, as tars.

Azure mounts a datastore where a job says so; here what is there is copied in before, and what was written is taken out
after. A job sees the same paths and files; another one sees its output only when it is over.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from standin.blob import Accounts, Blob, Blobs
from standin.blob.errors import ContainerNotFound
from standin.core.auth import Roles
from standin.machinelearning.jobs.errors import JobFailed
from standin.machinelearning.jobs.locations import Location

_READERS = ("Storage Blob Data Reader", "Storage Blob Data Contributor", "Storage Blob Data Owner")
_WRITERS = _READERS[1:]
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A file of a container's, by its path there."""

    path: str
    source: Path
    writable: bool


class Files:
    def __init__(self, blobs: Blobs, accounts: Accounts, roles: Roles) -> None:
        self._blobs = blobs
        self._accounts = accounts
        self._roles = roles

    def check(self, location: Location, principal: str, *, write: bool) -> None:
        """Whether a job of this principal may be there: raises JobFailed."""
        account = self._accounts.named(location.account)
        if account is None:
            raise JobFailed(f"The storage account '{location.account}' was not found.")
        if location.by_identity and not self._roles.allows(principal, account.id, _WRITERS if write else _READERS):
            needed = "Storage Blob Data Contributor" if write else "Storage Blob Data Reader"
            raise JobFailed(
                f"ScriptExecution.StreamAccess.Authentication: the identity of the compute ({principal}) may not "
                f"{'write to' if write else 'read'} https://{location.account}.blob.core.windows.net/"
                f"{location.container}/{location.path}: it needs the role {needed} on the storage account."
            )

    def folder(self, location: Location, at: str, *, writable: bool = False) -> list[Placed]:
        """All that lies below the location, to be placed below the path `at`. JobFailed where there is nothing."""
        prefix = f"{location.path}/" if location.path else ""
        found = [
            Placed(path=f"{at}/{blob.name[len(prefix) :]}", source=self._blobs.file_of(blob), writable=writable)
            for blob in self._listed(location, prefix)
            if not blob.name.endswith("/")
        ]
        if not found:
            raise _nothing(location)
        return found

    def file(self, location: Location, at: str) -> Placed:
        """The one file, to be placed in the folder `at`."""
        for blob in self._listed(location, location.path):
            if blob.name == location.path:
                name = blob.name.rpartition("/")[2]
                return Placed(path=f"{at}/{name}", source=self._blobs.file_of(blob), writable=False)
        raise _nothing(location)

    async def packed(self, folders: Sequence[str], files: Sequence[Placed], texts: Mapping[str, bytes]) -> IO[bytes]:
        """A tar of it all, to be unpacked at the root; `folders` are writable for everybody."""
        return await asyncio.to_thread(_packed, folders, files, texts)

    async def store(self, archive: IO[bytes], location: Location) -> int:
        """Writes the plain files of a tar below the location, without the first folder of their paths; how many."""
        self._blobs.ensure_container(location.account, location.container)
        archive.seek(0)
        stored = 0
        with tarfile.open(fileobj=archive) as tar:
            for entry in await asyncio.to_thread(tar.getmembers):
                words = entry.name.strip("/").split("/")[1:]
                content = tar.extractfile(entry) if entry.isreg() and words and ".." not in words else None
                if content is not None:
                    await self.write(location, "/".join(words), _pieces(content))
                    stored += 1
        return stored

    async def write(self, location: Location, name: str, pieces: AsyncIterator[bytes], kind: str = "") -> None:
        self._blobs.put(
            location.account,
            location.container,
            f"{location.path}/{name}".lstrip("/"),
            received=await self._blobs.receive(pieces),
            content_type=kind or "application/octet-stream",
            headers={},
            metadata={},
            tags={},
        )

    def _listed(self, location: Location, prefix: str) -> list[Blob]:
        try:
            return self._blobs.list(location.account, location.container, prefix)
        except ContainerNotFound as problem:
            raise _nothing(location) from problem


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


def temporary() -> IO[bytes]:
    """A file without a name: it goes when it is closed."""
    return tempfile.TemporaryFile()


def _nothing(location: Location) -> JobFailed:
    return JobFailed(
        "ScriptExecution.StreamAccess.NotFound: the requested stream was not found: "
        f"https://{location.account}.blob.core.windows.net/{location.container}/{location.path}"
    )


def _packed(folders: Sequence[str], files: Sequence[Placed], texts: Mapping[str, bytes]) -> IO[bytes]:
    packed = temporary()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for folder in folders:
            tar.addfile(_entry(folder, tarfile.DIRTYPE, 0o777))
        for path, text in texts.items():
            tar.addfile(_entry(path, tarfile.REGTYPE, 0o444, len(text)), io.BytesIO(text))
        for placed in files:
            with placed.source.open("rb") as content:
                size = content.seek(0, io.SEEK_END)
                content.seek(0)
                mode = 0o777 if placed.writable else 0o555
                tar.addfile(_entry(placed.path, tarfile.REGTYPE, mode, size), content)
    packed.seek(0)
    return packed


def _entry(path: str, kind: bytes, mode: int, size: int = 0) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.mode, entry.size = kind, mode, size
    return entry


async def _pieces(content: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(content.read, _PIECE):
        yield piece
