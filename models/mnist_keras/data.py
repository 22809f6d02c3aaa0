"""The digits: scikit-learn's bundled ones, a CSV file, or a URL with its SHA-256 (MNIST's archive, or a CSV).

A line is a label and the 784 pixels of a picture, 0 to 255, as in the usual CSV form of MNIST; so what trains on one
trains on the other.

The bundled digits: https://scikit-learn.org/stable/datasets/toy_dataset.html#digits-dataset (CC BY 4.0, UCI).
"""

from __future__ import annotations

import io
import random
import sys
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.source import DATA_FILE, DataError, Source, run

SIDE = 28
PIXELS = SIDE * SIDE
CLASSES = 10
HEADER = ",".join(["label", *(f"pixel{index}" for index in range(PIXELS))])
BUNDLED_ROWS = 1797

MINIMUM_ROWS = 100

# MNIST's own frame: a digit fills 20 x 20 pixels in the middle of 28 x 28. Stretched to the whole picture instead, the
# same network on the same digits stays at .969.
DIGIT_SIDE = 20
BUNDLED_SIDE = 8
BUNDLED_WHITE = 16
# 22 bits of fraction, as Pillow's resize has
FRACTION_BITS = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    images: NDArray[np.uint8]
    """n x 28 x 28, 0 is background."""
    labels: NDArray[np.uint8]


def bundled(*, seed: int = 0, rows: int = BUNDLED_ROWS) -> Digits:
    """The first `rows` of scikit-learn's digits, in its own order for seed 0, else shuffled."""
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    order = list(range(BUNDLED_ROWS))
    if seed != 0:
        # only random() keeps its sequence over Python versions, shuffle() need not
        draw = random.Random(seed).random
        order.sort(key=[draw() for _ in order].__getitem__)
    chosen = order[:rows]
    grey = small[chosen].astype(np.int64).reshape(-1, BUNDLED_SIDE, BUNDLED_SIDE) * 255 // BUNDLED_WHITE
    return Digits(images=framed(enlarged(grey)), labels=labels[chosen].astype(np.uint8))


def enlarged(images: NDArray[np.int64]) -> NDArray[np.int64]:
    """8 x 8 to 20 x 20, bicubic. In whole numbers, so that every machine gets the same bytes."""
    weights = bicubic_weights(BUNDLED_SIDE, DIGIT_SIDE)
    wide = _rounded(images @ weights.T)
    return _rounded(weights @ wide)


def bicubic_weights(size: int, new_size: int) -> NDArray[np.int64]:
    """Row i: what each of `size` pixels gives to new pixel i, in units of 2**-22. A row's sum is one."""
    weights = np.zeros((new_size, size), dtype=np.int64)
    for index in range(new_size):
        centre = (index + 0.5) * size / new_size
        near = range(max(0, int(centre - 1.5)), min(size, int(centre + 2.5)))
        shares = [_cubic(place + 0.5 - centre) for place in near]
        total = sum(shares)
        weights[index, near.start : near.stop] = [round(share / total * (1 << FRACTION_BITS)) for share in shares]
    return weights


def _cubic(distance: float) -> float:
    """Keys' kernel with a = -0.5."""
    x = abs(distance)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


def _rounded(values: NDArray[np.int64]) -> NDArray[np.int64]:
    rounded: NDArray[np.int64] = (values + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS
    return rounded.clip(0, 255)


def framed(digits: NDArray[np.int64]) -> NDArray[np.uint8]:
    images = np.zeros((len(digits), SIDE, SIDE), dtype=np.uint8)
    margin = (SIDE - DIGIT_SIDE) // 2
    images[:, margin : margin + DIGIT_SIDE, margin : margin + DIGIT_SIDE] = digits
    return images


def to_csv(digits: Digits) -> bytes:
    table = np.column_stack([digits.labels, digits.images.reshape(-1, PIXELS)])
    lines = (",".join(map(str, row.tolist())) for row in table)
    return "\n".join([HEADER, *lines, ""]).encode("ascii")


def parse_csv(content: bytes, *, where: str = DATA_FILE) -> Digits:
    """Check every value before any is used; a byte-order mark is fine."""
    try:
        header, _, body = content.decode("utf-8-sig").partition("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not UTF-8: byte {error.start}") from error
    names = header.strip().split(",")
    if names[0] != "label" or len(names) != PIXELS + 1:
        raise DataError(
            f"{where}, line 1: needed are label and {PIXELS} pixels, found: {len(names)}, the first {names[0]!r}"
        )
    if not body.strip():
        raise DataError(f"{where}: at least {MINIMUM_ROWS} rows are needed, found: 0")
    try:
        table = np.loadtxt(io.StringIO(body), dtype=np.int64, delimiter=",", comments=None, ndmin=2)
    except ValueError as error:
        # it counts rows after the header, from 0 or 1 by the kind of error: its own words are clearer than a guess
        raise DataError(f"{where}: after the header: {error}") from error
    _check(table, where)
    pixels = table[:, 1:].astype(np.uint8).reshape(-1, SIDE, SIDE)
    return Digits(images=pixels, labels=table[:, 0].astype(np.uint8))


def _check(table: NDArray[np.int64], where: str) -> None:
    if table.shape[1] != PIXELS + 1:
        raise DataError(f"{where}: needed are label and {PIXELS} pixels, found: {table.shape[1]}")
    if len(table) < MINIMUM_ROWS:
        raise DataError(f"{where}: at least {MINIMUM_ROWS} rows are needed, found: {len(table)}")
    for columns, name, maximum in ((table[:, :1], "label", CLASSES - 1), (table[:, 1:], "a pixel", 255)):
        bad = np.argwhere((columns < 0) | (columns > maximum))
        if bad.size:
            row, column = bad[0]
            value = columns[row, column]
            raise DataError(f"{where}, row {row + 1}: {name} is {value}, allowed is a whole number from 0 to {maximum}")
    missing = sorted(set(range(CLASSES)) - set(table[:, 0].tolist()))
    if missing:
        raise DataError(f"{where}: no row has label {missing[0]}; all of 0 to {CLASSES - 1} are needed")


def from_archive(content: bytes, *, where: str) -> Digits:
    """MNIST as Keras publishes it: `mnist.npz` with x_train, y_train, x_test, y_test. Nothing in it is executed."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            images = np.concatenate([arrays["x_train"], arrays["x_test"]])
            labels = np.concatenate([arrays["y_train"], arrays["y_test"]])
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{where}: not an archive of x_train, y_train, x_test, y_test: {error}") from error
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE) or labels.shape != images.shape[:1]:
        raise DataError(f"{where}: images are {images.dtype} {images.shape}, needed are uint8 (n, {SIDE}, {SIDE})")
    return Digits(images=images, labels=labels.astype(np.uint8))


def _read(content: bytes, where: str) -> bytes:
    if zipfile.is_zipfile(io.BytesIO(content)):
        content = to_csv(from_archive(content, where=where))
    parse_csv(content, where=where)
    return content


SOURCE = Source(
    model="mnist_keras",
    make=lambda seed, rows: to_csv(bundled(seed=seed, rows=rows)),
    read=_read,
    rows=BUNDLED_ROWS,
    fewest_rows=MINIMUM_ROWS,
    most_rows=BUNDLED_ROWS,
    maximum_bytes=256 * 1024 * 1024,  # MNIST as CSV has 128 MB
    seed_help="order of the bundled digits, 0 is their own (default)",
)


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
