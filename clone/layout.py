"""Where things lie in a clone. Found from this file, and never part of any state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clone.root import ROOT
from contracts.artifacts import ArtifactStore
from contracts.card import artifact_digest
from contracts.data import Store

TABLE_FILE = "model.py"
"""All that a model over a table has."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone by its root; `Clone()` is the one that this code lies in."""

    root: Path = ROOT

    @property
    def artifacts(self) -> ArtifactStore:
        return ArtifactStore(self.root / ".artifacts")

    def artifact(self, digest: str) -> Path | None:
        """The folder of an artifact in the store; None where it is not there, or what lies there is not it any more."""
        folder = self.artifacts.path(digest)
        try:
            return folder if folder is not None and artifact_digest(folder) == digest else None
        except OSError:
            return None

    @property
    def data(self) -> Store:
        return Store(self.root / ".local" / "data")

    @property
    def venvs(self) -> Path:
        """Environments of models with requirements of their own, by `digests.of_requirements`."""
        return self.root / ".local" / "venvs"

    def model_folder(self, model: str) -> Path:
        return self.root / "models" / model

    def model_command(self, model: str, what: Literal["data", "train"]) -> list[str] | None:
        """What follows the interpreter: of the model's own `data.py` or `train.py`; else, where it is a table of one
        `model.py`, of the base of tables. None where there is neither."""
        folder = self.model_folder(model)
        if (folder / f"{what}.py").is_file():
            return ["-m", f"models.{model}.{what}"]
        return ["-m", "models.table", what, model] if self.is_table(model) else None

    def is_table(self, model: str) -> bool:
        """Whether it is one `model.py` over the base of tables."""
        folder = self.model_folder(model)
        return (folder / TABLE_FILE).is_file() and not (folder / "train.py").is_file()

    def trainable_models(self) -> list[str]:
        """Names of those that `model_command` knows how to train, sorted."""
        names = {file.parent.name for file in (self.root / "models").glob("*/*.py")}
        return sorted(name for name in names if self.model_command(name, "train"))
