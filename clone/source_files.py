"""Which files of the clone count where its code is hashed or packed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

# What explains the code but does not run: a change in it must neither build an image nor train a model.
_PROSE = frozenset({".md", ".rst"})


def source_files(root: Path, folder: str) -> Iterator[Path]:
    """Files below `root/folder`, sorted: nothing hidden, compiled or explanatory."""
    for path in sorted((root / folder).rglob("*")):
        inside = path.relative_to(root / folder).parts
        if path.is_file() and path.suffix not in _PROSE and not any(_is_left_out(part) for part in inside):
            yield path


def _is_left_out(part: str) -> bool:
    return part.startswith(".") or part == "__pycache__" or part.endswith(".pyc") or part.endswith("~")
