"""What a model's entry script needs beside the scoring image: `serving.in`, by hand, and `serving.lock`, made of it.

The lock is resolved with the server's own as constraints, so that no package is there in two versions, and says in its
first line what it was made of: whoever changes the one or the other must make it anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from clone.errors import CloneError
from contracts.card import SERVING_LOCK

SERVING_IN = "serving.in"
SERVER_LOCK = "images/scoring/requirements.lock"
_MADE_OF = "# Made by `make lock` of serving.in and images/scoring/requirements.lock: "


class ServingPackagesError(CloneError):
    """A model's lock is missing or is not of its `serving.in`: names it, and what to do."""


def heading(root: Path, model: str) -> str:
    """The first line of the lock as it should be."""
    made_of = hashlib.sha256()
    for path in (root / "models" / model / SERVING_IN, root / SERVER_LOCK):
        made_of.update(path.read_bytes())
    return f"{_MADE_OF}{made_of.hexdigest()}"


def models_with_packages(root: Path) -> list[str]:
    return sorted(path.parent.name for path in (root / "models").glob(f"*/{SERVING_IN}"))


def check_packages(root: Path, model: str) -> None:
    """Raises ServingPackagesError."""
    folder = root / "models" / model
    wanted, lock = folder / SERVING_IN, folder / SERVING_LOCK
    if not wanted.is_file():
        if lock.is_file():
            raise ServingPackagesError(f"models/{model}/{SERVING_LOCK} is there without {SERVING_IN}: remove it")
        return
    if not lock.is_file():
        raise ServingPackagesError(f"models/{model}/{SERVING_LOCK} is missing: `make lock` makes it of {SERVING_IN}")
    first, _, _ = lock.read_text(encoding="utf-8").partition("\n")
    if first != heading(root, model):
        raise ServingPackagesError(
            f"models/{model}/{SERVING_LOCK} was made of another {SERVING_IN}, or for other packages of the scoring "
            "image: `make lock` makes it anew"
        )
