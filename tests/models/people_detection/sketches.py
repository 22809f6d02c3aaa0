"""Pictures that a few seconds of training suffice for: one figure, dark or light, before plain ground."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
from PIL import Image, ImageDraw

SIDE = 64


def sketch(place: int) -> tuple[Image.Image, list[float]]:
    """And the box of the figure, of 0 to 1."""
    rng = np.random.default_rng(place)
    ground = int(rng.integers(90, 160))
    image = Image.new("RGB", (SIDE, SIDE), (ground, ground, ground))
    width, height = rng.uniform(0.3, 0.4), rng.uniform(0.6, 0.8)
    left, top = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    box = [left, top, left + width, top + height]
    ImageDraw.Draw(image).rectangle([one * SIDE for one in box], fill=(250, 40, 40))
    return image, [round(float(one), 5) for one in box]


def line(place: int, tag: str = "person") -> bytes:
    image, box = sketch(place)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    picture = base64.b64encode(buffer.getvalue()).decode()
    return json.dumps({"picture": picture, "boxes": [[tag, *box]]}).encode() + b"\n"


def lines(number: int) -> bytes:
    return b"".join(line(place) for place in range(number))
