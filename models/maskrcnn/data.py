"""What the network is made of: a published checkpoint by its URL and SHA-256, a file of one, or a seed."""

from __future__ import annotations

import sys

from models.maskrcnn.weights import checked, seeded
from models.source import run
from models.torchvision import checkpoint
from models.torchvision.checkpoint import Weights

SOURCE = checkpoint.source("maskrcnn")


def weights_of(content: bytes, width: int, *, where: str) -> Weights:
    """Raises DataError."""
    return checkpoint.weights_of(
        content, lambda tensors: checked(tensors, width, where=where), lambda seed: seeded(width, seed), where
    )


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
