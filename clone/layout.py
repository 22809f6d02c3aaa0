"""Where things lie in a clone. Found from this file, and never part of any state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clone.root import ROOT
from contracts.artifacts import ArtifactStore
from contracts.data import Store


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone by its root; `Clone()` is the one that this code lies in."""

    root: Path = ROOT

    @property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.root / ".artifacts")

    @property
    def data(self) -> Store:
        return Store(self.root / ".local" / "data")

    @property
    def venvs(self) -> Path:
        """Environments of models with requirements of their own, by `digests.of_requirements`."""
        return self.root / ".local" / "venvs"

    def model_folder(self, model: str) -> Path:
        return self.root / "models" / model

    def trainable_models(self) -> list[str]:
        """Names of those that have a `train.py`, sorted."""
        return sorted(file.parent.name for file in (self.root / "models").glob("*/train.py"))
