"""What the network is made of: a published checkpoint by its URL and SHA-256, a file of one, or a seed.

There is no training: the file `data.csv` of other models is here the checkpoint itself, or a line that says which seed
its weights are drawn from.
"""

from __future__ import annotations

import sys

from models.resnet152.checkpoint import Weights, checked, read, seeded
from models.source import DataError, Source, run

_DRAWN = b"weights of seed "


def drawn(seed: int) -> bytes:
    return _DRAWN + b"%d\n" % seed


def weights_of(content: bytes, width: int, *, where: str) -> Weights:
    """Raises DataError."""
    if not content.startswith(_DRAWN):
        return checked(read(content, where=where), width, where=where)
    number = content.removeprefix(_DRAWN).strip()
    if not number.isdigit():
        raise DataError(f"{where}: the seed is {number[:20]!r}, a whole number is wanted")
    return seeded(width, int(number))


def _read(content: bytes, where: str) -> bytes:
    if not content.startswith(_DRAWN):
        read(content, where=where)
    return content


SOURCE = Source(
    model="resnet152",
    make=lambda seed, rows: drawn(seed),
    read=_read,
    rows=1,
    fewest_rows=1,
    most_rows=1,
    maximum_bytes=300 * 1024 * 1024,
    seed_help="of drawn weights, which know nothing (default 0)",
)


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
