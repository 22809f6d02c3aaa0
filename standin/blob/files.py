"""The bytes of blobs on disk. All of these block: they run in threads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PIECE = 1024 * 1024


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def write_at(path: Path, position: int, data: bytes) -> None:
    """What lay beyond the position is gone."""
    with path.open("r+b") as file:
        file.truncate(position)
        file.seek(position)
        file.write(data)


def join(parts: Iterable[Path], target: Path) -> int:
    """The size of all of them, now in one."""
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as file:
                while piece := file.read(PIECE):
                    joined.write(piece)
        return joined.tell()
