"""The pictures that are sent: a photograph as a camera gives it, and one that needs no scaling, so that two ways of
scaling cannot differ over it."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import base64
import io
import json

from PIL import Image
from sklearn.datasets import load_sample_images

from contracts.card import JSON_MEDIA_TYPE, Body
from contracts.form import Part, form

CAMERA = (640, 480)
UNSCALED = (310, 232)
"""Its middle 224 x 224 begin at whole pixels, and its shorter side is what resnet152 scales to."""


def photograph(size: tuple[int, int], kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(load_sample_images().images[0]).resize(size).save(buffer, kind, quality=90)
    return buffer.getvalue()


def as_form(content: bytes, kind: str, **options: str) -> Body:
    picture = Body(f"image/{kind.lower()}", content)
    fields = [Part(name=name, filename="", body=Body("text/plain", text.encode())) for name, text in options.items()]
    return form([Part(name="image", filename=f"photograph.{kind.lower()}", body=picture), *fields])


def as_base64(content: bytes) -> Body:
    text = base64.b64encode(content).decode("ascii")
    return Body(JSON_MEDIA_TYPE, json.dumps({"photograph.png": text}).encode())
