"""The first container of every group: it does nothing, and holds what the others share.

Network (so that they meet on localhost and the public address outlives them) and the memory of secret volumes (a
tmpfs lasts as long as somebody has it mounted). Kubernetes does the same; its image cannot be had offline, so this one
is made of a program of four machine instructions. https://refspecs.linuxfoundation.org/elf/elf.pdf
"""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Mapping

TAG = "1"
VOLUMES = "/volumes"
"""Where the pause container mounts every volume of its group, by name."""

_LOAD_AT = 0x400000
_ELF_HEADER, _PROGRAM_HEADER = 64, 56
_X86_64 = 62
# again: push 34 (pause); pop rax; syscall; jmp again
_CODE = bytes.fromhex("6a22 58 0f05 ebf9".replace(" ", ""))


def program() -> bytes:
    entry = _LOAD_AT + _ELF_HEADER + _PROGRAM_HEADER
    size = _ELF_HEADER + _PROGRAM_HEADER + len(_CODE)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    sizes = (_ELF_HEADER, _PROGRAM_HEADER, 1, 0, 0, 0)
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 2, _X86_64, 1, entry, _ELF_HEADER, 0, 0, *sizes)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _LOAD_AT, _LOAD_AT, size, size, 0x1000)
    return header + segment + _CODE


def archive(files: Mapping[str, bytes], *, mode: int, owner: int) -> bytes:
    """A tar of plain files, as Docker takes them for images and for copying into containers."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), mode, owner, owner
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def image_archive() -> bytes:
    return archive({"pause": program()}, mode=0o755, owner=0)


def names_in(archived: bytes) -> set[str]:
    """Base names of the plain files in a tar that Docker answered."""
    with tarfile.open(fileobj=io.BytesIO(archived)) as tar:
        return {entry.name.rpartition("/")[2] for entry in tar if entry.isfile()}
