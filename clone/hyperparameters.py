"""Which hyperparameters the models of a clone declare: read, never imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from clone.layout import Clone
from contracts.hyperparameters import Allowed, declared


def declared_hyperparameters(root: Path, models: Iterable[str]) -> dict[str, dict[str, Allowed]]:
    """By model, of the first file of its folder that has a `class Hyperparameters`; a model without one is left out."""
    found = {model: _of(Clone(root).model_folder(model)) for model in models}
    return {model: allowed for model, allowed in found.items() if allowed is not None}


def _of(folder: Path) -> dict[str, Allowed] | None:
    for file in sorted(folder.glob("*.py")):
        allowed = declared(file.read_text(encoding="utf-8", errors="replace"))
        if allowed is not None:
            return allowed
    return None
