"""The pictures and who is in them: drawn ones, or yours as JSON lines.

{"picture": "<base64 of the file>", "boxes": [["person", 0.1, 0.2, 0.3, 0.9]], "heldOut": true}

Of a box its tag, then left, top, right and bottom as shares of the picture. What is held out is not learned from; where
no line says so, every eighth one is. An ONNX export of Custom Vision, or the zip it comes in, may stand instead: then
nothing is trained (exported.py).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray
from PIL import Image

from models import pictures
from models.people_detection import exported
from models.people_detection.drawing import drawn
from models.source import DATA_FILE, DataError, Source, run

TAG = "person"
ROWS, FEWEST_ROWS = 2400, 16
EVERY = 8
"""One in so many is held out."""
MOST_BYTES = 512 * 1024 * 1024

Share = Annotated[float, Meta(ge=0, le=1)]
Tag = Annotated[str, Meta(min_length=1, max_length=128)]


class Line(Struct, frozen=True, forbid_unknown_fields=True, rename="camel", omit_defaults=True):
    picture: bytes
    boxes: list[tuple[Tag, Share, Share, Share, Share]]
    held_out: bool | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    pixels: NDArray[np.uint8]
    """side x side x 3."""
    boxes: NDArray[np.float32]
    """n x 4: left, top, right, bottom, of 0 to 1."""
    classes: NDArray[np.int64]
    """n: which of the tags each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    tags: tuple[str, ...]
    """In alphabetical order; a class is its place here."""
    learned: list[Picture]
    held_out: list[Picture]


def drawn_lines(seed: int, rows: int) -> bytes:
    with ProcessPoolExecutor() as pool:
        return b"".join(pool.map(partial(_drawn_line, seed), range(rows), chunksize=16))


def _drawn_line(seed: int, place: int) -> bytes:
    held_out = place % EVERY == EVERY - 1
    one = drawn(seed, place, before="held out" if held_out else "learned")
    buffer = io.BytesIO()
    Image.fromarray(one.pixels).save(buffer, "JPEG", quality=88)
    boxes = [(TAG, *(round(float(share), 5) for share in box)) for box in one.boxes]
    return msgspec.json.encode(Line(buffer.getvalue(), boxes, held_out)) + b"\n"  # type: ignore[arg-type]


def read(content: bytes, side: int, *, where: str = DATA_FILE) -> Set:
    """Each picture brought to `side` x `side`. Raises DataError, which names the line."""
    lines = list(_lines(content, where))
    if len(lines) < FEWEST_ROWS:
        raise DataError(f"{where}: has {len(lines)} pictures, at least {FEWEST_ROWS} are needed")
    tags = tuple(sorted({tag for _, line in lines for tag, *_ in line.boxes}))
    said = any(line.held_out is not None for _, line in lines)
    learned: list[Picture] = []
    held_out: list[Picture] = []
    for place, (number, line) in enumerate(lines):
        aside = bool(line.held_out) if said else place % EVERY == EVERY - 1
        (held_out if aside else learned).append(_picture(line, tags, side, f"{where}, line {number}"))
    for name, some in (("learned from", learned), ("held out", held_out)):
        if not any(len(one.boxes) for one in some):
            raise DataError(f"{where}: no picture that is {name} has a box, at least one must")
    return Set(tags=tags, learned=learned, held_out=held_out)


def _lines(content: bytes, where: str) -> Iterator[tuple[int, Line]]:
    decode = msgspec.json.Decoder(Line).decode
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield number, decode(line)
        except msgspec.DecodeError as error:
            raise DataError(f"{where}, line {number}: {error}") from error


def _picture(line: Line, tags: Sequence[str], side: int, where: str) -> Picture:
    boxes = np.array([box for _, *box in line.boxes], np.float32).reshape(-1, 4)
    if (turned := np.flatnonzero((boxes[:, :2] >= boxes[:, 2:]).any(axis=1))).size:
        raise DataError(f"{where}: box {turned[0] + 1} is {line.boxes[turned[0]]}; left must be less than right, and "
                        "top less than bottom")  # fmt: skip
    try:
        image = pictures.opened(line.picture, where="picture", least=side)
    except msgspec.ValidationError as error:
        raise DataError(f"{where}: {error}") from error
    classes = np.array([tags.index(tag) for tag, *_ in line.boxes], np.int64)
    return Picture(pictures.fitted(image, side, side), boxes, classes)


def _checked(content: bytes, where: str) -> bytes:
    if exported.is_export(content):
        exported.check(exported.read(content, where=where), where=where)
    else:
        read(content, 64, where=where)
    return content


SOURCE = Source(
    model="people_detection",
    make=drawn_lines,
    read=_checked,
    rows=ROWS,
    fewest_rows=FEWEST_ROWS,
    maximum_bytes=MOST_BYTES,
)


def main(argv: list[str] | None = None) -> int:
    return run(SOURCE, argv)


if __name__ == "__main__":
    sys.exit(main())
