"""Content-addressed training data: `<root>/<sha256>/data.csv`, and refs from a data specification to its content.

Data is fetched or simulated before the engine starts; what enters the engine's state is the content's SHA-256, never
a path.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DATA_FILE = "data.csv"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def spec_key(model: str, spec: Mapping[str, Any]) -> str:
    """SHA-256 hex of the canonical JSON of what the data should be (not of the data itself)."""
    document = {"model": model, "spec": spec}
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Store:
    """`root` is `.local/data` of a clone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """The folder with `data.csv` of that content (what `train --data` takes); it need not exist."""
        return self.root / _hex(sha256)

    def has(self, sha256: str) -> bool:
        return (self.path(sha256) / DATA_FILE).is_file()

    def add(self, file: Path) -> str:
        """Copy a data file into the store and return its SHA-256."""
        sha256 = file_sha256(file)
        if not self.has(sha256):
            self.path(sha256).mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path(sha256), prefix=".part-", delete=False) as part:
                with file.open("rb") as source:
                    shutil.copyfileobj(source, part)
                part.flush()
                os.fsync(part.fileno())
            Path(part.name).replace(self.path(sha256) / DATA_FILE)
        return sha256

    def resolve(self, key: str) -> str | None:
        """The content that a specification gave, where it is still in the store."""
        try:
            sha256 = self._ref(key).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return sha256 if _SHA256.fullmatch(sha256) and self.has(sha256) else None

    def record(self, key: str, sha256: str) -> None:
        ref = self._ref(key)
        ref.parent.mkdir(parents=True, exist_ok=True)
        part = ref.with_name(f".{ref.name}.{os.getpid()}")
        part.write_text(_hex(sha256) + "\n", encoding="ascii")
        part.replace(ref)

    def _ref(self, key: str) -> Path:
        return self.root / "refs" / _hex(key)


def _hex(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError(f"not a SHA-256: {value!r}, allowed are 64 digits of 0-9a-f")
    return value
