"""Environments of models with requirements of their own: `.local/venvs/<digest of the requirements>/`.

One for all that ask for the same requirements, byte by byte. A file `ready` in it says that it is whole.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clone import digests
from clone.layout import Clone


@dataclass(frozen=True, slots=True)
class Venv:
    folder: Path
    requirements: Path

    @classmethod
    def of(cls, clone: Clone, requirements: Path) -> Venv:
        return cls(clone.venvs / digests.of_requirements(requirements.read_bytes())[:16], requirements)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def is_ready(self) -> bool:
        return (self.folder / "ready").is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One at a time makes it: others wait, and find it ready."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def begin(self) -> Sequence[Sequence[str]]:
        """Clears what a run that died has left, and returns the commands to run, in this order. A venv cannot be moved,
        so it is made in place."""
        shutil.rmtree(self.folder, ignore_errors=True)
        install = [str(self.python), "-m", "pip", "install", "--quiet", "-r", str(self.requirements)]
        return [sys.executable, "-m", "venv", str(self.folder)], install

    def finish(self) -> None:
        (self.folder / "ready").touch()
