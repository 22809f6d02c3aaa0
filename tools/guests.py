"""Models and layers that are not the project's own: `python -m tools.guests` lists their paths, one a line.

The project's own are held to all of its rules. Who uses the project brings models, layers and their tests, too: `make
lint` warns of what it finds in those, and the tests of sizes, imports and pages pass over them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from clone.root import ROOT

MODELS = frozenset(
    {
        "anomaly",
        "cifar10_keras",
        "maskrcnn",
        "mnist_keras",
        "new",
        "people_detection",
        "resnet152",
        "table",
        "torchvision",
    }
)
"""And the rooms of `models/` that others are made of."""
LAYERS = frozenset({"anomaly", "cifar10_keras", "maskrcnn", "mnist_keras", "people_detection", "resnet152"})
_KEPT = "__pycache__"


@cache
def guests(root: Path = ROOT) -> tuple[Path, ...]:
    """Folders of models and of their tests, files of layers and of theirs."""
    return tuple(sorted([*_folders(root / "models"), *_folders(root / "tests" / "models"), *_layers(root)]))


def is_guest(path: Path, root: Path = ROOT) -> bool:
    return any(path.is_relative_to(guest) for guest in guests(root))


def _folders(room: Path) -> Iterator[Path]:
    yield from (path for path in room.glob("*") if path.is_dir() and path.name not in MODELS | {_KEPT})


def _layers(root: Path) -> Iterator[Path]:
    tested = {f"test_{name}" for name in LAYERS} | {"test_catalogue"}
    for room, own in ((root / "edge" / "layers", LAYERS), (root / "tests" / "edge" / "layers", tested)):
        yield from (path for path in room.glob("*.py") if path.stem not in own | {"__init__"})


if __name__ == "__main__":
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in guests())
