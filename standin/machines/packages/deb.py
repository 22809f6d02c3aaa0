"""Debian packages, written without Debian's tools: an archive of three members. deb(5)"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    name: str
    version: str
    depends: tuple[str, ...] = ()
    description: str = "a stand-in"
    files: Mapping[str, File] = field(default_factory=dict)
    """Absolute path -> file."""
    folders: tuple[str, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)
    """preinst, postinst, prerm, postrm."""

    @property
    def conffiles(self) -> tuple[str, ...]:
        """All below /etc, as debhelper has it. https://manpages.debian.org/dh_installdeb"""
        return tuple(sorted(path for path in self.files if path.startswith("/etc/")))

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version}_amd64.deb"

    def control(self) -> str:
        lines = [
            f"Package: {self.name}",
            f"Version: {self.version}",
            "Architecture: amd64",
            "Maintainer: edgeway's stand-in <nobody@localhost>",
            *([f"Depends: {', '.join(self.depends)}"] if self.depends else []),
            f"Description: {self.description}",
        ]
        return "\n".join(lines) + "\n"


def built(package: Package) -> bytes:
    """The same bytes each time."""
    control = {"./control": File(content=package.control().encode())}
    if package.conffiles:
        control["./conffiles"] = File(content="".join(f"{path}\n" for path in package.conffiles).encode())
    for name, script in package.scripts.items():
        control[f"./{name}"] = File(content=script.encode(), mode=0o755)
    data = {f".{path}": file for path, file in package.files.items()}
    return _ar(
        {
            "debian-binary": b"2.0\n",
            "control.tar.gz": _tar(control, ()),
            "data.tar.gz": _tar(data, tuple(f".{path}" for path in package.folders)),
        }
    )


def stanza(package: Package, path: str, content: bytes) -> str:
    """Of the file `Packages`. https://wiki.debian.org/DebianRepository/Format"""
    digest = hashlib.sha256(content).hexdigest()
    return f"{package.control()}Filename: {path}\nSize: {len(content)}\nSHA256: {digest}\n\n"


def _tar(files: Mapping[str, File], folders: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for folder in sorted({*folders, *(parent for path in (*files, *folders) for parent in _parents(path))}):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for path, file in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(file.content), file.mode
            tar.addfile(entry, io.BytesIO(file.content))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(2, len(parts) + 1)]


def _ar(members: Mapping[str, bytes]) -> bytes:
    archive = b"!<arch>\n"
    for name, content in members.items():
        archive += f"{name:16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n".encode()
        archive += content + b"\n" * (len(content) % 2)
    return archive
