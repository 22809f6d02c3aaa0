"""Where things lie in this clone. Found from this file, and never part of any state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contracts.artifacts import ArtifactStore
from contracts.data import Store


@dataclass(frozen=True, slots=True)
class Clone:
    root: Path = Path(__file__).resolve().parents[2]

    @property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.root / ".artifacts")

    @property
    def data(self) -> Store:
        return Store(self.root / ".local" / "data")

    @property
    def venvs(self) -> Path:
        return self.root / ".local" / "venvs"
