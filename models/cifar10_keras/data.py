"""The pictures: drawn ones, a file of CIFAR-10's binary form, or its archive by a URL with its SHA-256.

A record is a label (0 to 9) and 3,072 bytes: 32 x 32 of red, then of green, then of blue; so what trains on the drawn
ones trains on CIFAR-10. https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.source import DATA_FILE, DataError, Source, run

SIDE = 32
CLASSES = 10
RECORD = 1 + 3 * SIDE * SIDE
LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MINIMUM_ROWS = 200
ROWS = 4000
BATCHES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
"""In the archive, in this order."""

_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 256 * 1024 * 1024
# each stands for a class: five shapes, each plain and striped
_SHAPES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    images: NDArray[np.uint8]
    """n x 32 x 32 x 3."""
    labels: NDArray[np.uint8]


def drawn(*, seed: int = 0, rows: int = ROWS) -> Pictures:
    """Shapes before a ground, in colours that are far from its own; each picture has a generator of its own."""
    labels = np.arange(rows, dtype=np.uint8) % CLASSES
    images = np.stack([_drawn(np.random.default_rng([seed, place]), int(label)) for place, label in enumerate(labels)])
    return Pictures(images=images, labels=labels)


def _drawn(rng: np.random.Generator, label: int) -> NDArray[np.uint8]:
    shape, striped = label % _SHAPES, label >= _SHAPES
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] - rng.uniform(12, 20, (2, 1, 1))
    size = rng.uniform(8, 12)
    inside = _inside(shape, rows / size, columns / size)
    ground = rng.uniform(0, 110, 3) if rng.random() < 0.5 else rng.uniform(145, 255, 3)
    colour = (ground + rng.uniform(90, 165, 3)) % 256
    if striped:
        inside &= (columns + rows).astype(int) // 3 % 2 == 0
    picture = np.where(inside[..., None], colour, ground) + rng.normal(0, 6, (SIDE, SIDE, 3))
    whole: NDArray[np.uint8] = picture.clip(0, 255).astype(np.uint8)
    return whole


def _inside(shape: int, y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Disc, square, triangle, cross, ring; y and x are -1 to 1 within it."""
    radius = np.hypot(y, x)
    if shape == 0:
        return radius < 1
    if shape == 1:
        return np.maximum(abs(y), abs(x)) < 0.85
    if shape == 2:
        return (y < 0.8) & (abs(x) < (y + 1) * 0.6)
    if shape == 3:
        return (np.minimum(abs(y), abs(x)) < 0.3) & (np.maximum(abs(y), abs(x)) < 1)
    return (radius < 1) & (radius > 0.55)


def to_records(pictures: Pictures) -> bytes:
    planes = pictures.images.transpose(0, 3, 1, 2).reshape(len(pictures.images), -1)
    return np.column_stack([pictures.labels, planes]).astype(np.uint8).tobytes()


def parse_records(content: bytes, *, where: str = DATA_FILE) -> Pictures:
    """Raises DataError."""
    if len(content) % RECORD or len(content) < MINIMUM_ROWS * RECORD:
        raise DataError(
            f"{where}: is {len(content)} bytes; wanted are records of {RECORD} bytes, at least {MINIMUM_ROWS} of them"
        )
    table = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    labels = table[:, 0]
    if (bad := np.flatnonzero(labels >= CLASSES)).size:
        raise DataError(
            f"{where}, record {bad[0] + 1}: the label is {labels[bad[0]]}, allowed is a number from 0 to {CLASSES - 1}"
        )
    if missing := sorted(set(range(CLASSES)) - set(labels.tolist())):
        raise DataError(f"{where}: no record has label {missing[0]}; all of 0 to {CLASSES - 1} are needed")
    images = table[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return Pictures(images=np.ascontiguousarray(images), labels=labels.copy())


def from_archive(content: bytes, *, where: str) -> bytes:
    """The records of CIFAR-10's binary archive. Nothing is unpacked to the disk. Raises DataError."""
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_MOST_UNPACKED + 1)
        if len(unpacked) > _MOST_UNPACKED:
            raise DataError(f"{where}: unpacks to more than {_MOST_UNPACKED} bytes")
        with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
            members = {member.name.rpartition("/")[2]: member for member in archive if member.isfile()}
            return b"".join(_member(archive, members, name, where) for name in BATCHES)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DataError(f"{where}: is no archive of {', '.join(BATCHES)}: {error}") from error


def _member(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str, where: str) -> bytes:
    if name not in members:
        raise DataError(f"{where}: the archive has no {name}; there are: {', '.join(sorted(members)) or 'none'}")
    file = archive.extractfile(members[name])
    return b"" if file is None else file.read()


def _read(content: bytes, where: str) -> bytes:
    if content.startswith(_GZIP):
        content = from_archive(content, where=where)
    parse_records(content, where=where)
    return content


SOURCE = Source(
    model="cifar10_keras",
    make=lambda seed, rows: to_records(drawn(seed=seed, rows=rows)),
    read=_read,
    rows=ROWS,
    fewest_rows=MINIMUM_ROWS,
    maximum_bytes=200 * 1024 * 1024,
    seed_help="of the drawn pictures (default 0)",
)


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
