"""The artifact store of a clone: `<root>/<digest>/{model.onnx,score.py,card.json}`, and which run gave which digest.

State holds digests only; whoever needs the files asks here, and fetches or trains again where this answers None.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from contracts.card import CARD_FILE, ENTRY_SCRIPT, MODEL_FILE, artifact_digest

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ArtifactStore:
    """`root` is `.artifacts` of a clone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path | None:
        """The artifact's folder, or None where this clone does not have it."""
        folder = self.root / _checked(digest)
        return folder if folder.is_dir() else None

    def add(self, folder: Path) -> str:
        """Copy an artifact in and return its digest; adding one that is there already changes nothing."""
        for name in (MODEL_FILE, ENTRY_SCRIPT, CARD_FILE):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{folder} is not an artifact: {name} is missing")
        self.root.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self.root, prefix=".part-"))
        try:
            copy = shutil.copytree(folder, part / "artifact", ignore=shutil.ignore_patterns("__pycache__"))
            # of the copy, not of the source: what is stored must be what the digest says
            digest = artifact_digest(copy)
            if self.path(digest) is None:
                self._publish(copy, digest)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return digest

    def run(self, inputs_digest: str) -> str | None:
        """The artifact that a training run with these inputs gave here, if it is still in the store."""
        try:
            digest = self._run(inputs_digest).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return digest if _DIGEST.fullmatch(digest) and self.path(digest) is not None else None

    def record_run(self, inputs_digest: str, digest: str) -> None:
        file = self._run(inputs_digest)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.{os.getpid()}")
        part.write_text(_checked(digest) + "\n", encoding="ascii")
        part.replace(file)

    def _publish(self, copy: Path, digest: str) -> None:
        try:
            copy.rename(self.root / digest)
        except OSError:
            # another process stored the same artifact first: its bytes are these bytes
            if self.path(digest) is None:
                raise

    def _run(self, inputs_digest: str) -> Path:
        return self.root / "runs" / _checked(inputs_digest)


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"not a digest: {digest!r}, allowed are 64 digits of 0-9a-f")
    return digest
