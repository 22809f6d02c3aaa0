"""Entry script of the digit reader, in Azure ML's convention: `init()` once, `run()` per request.

It travels in the artifact, so it imports only what the scoring image has. Pictures come as JSON (`{"data": [...]}`, any
nesting that holds 28 x 28 numbers a picture, from 0 to 1) or as raw bytes (784 a picture, 0 to 255: half the work).
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints#understand-the-scoring-script
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import onnxruntime
from msgspec import Meta, Raw, Struct, ValidationError
from numpy.typing import NDArray

SIDE = 28
PIXELS = SIDE * SIDE

_Pixel = Annotated[float, Meta(ge=0, le=1)]
# by nesting: pixels in a row; pictures of pixels; pictures of lines; the same with a channel
_DECODERS = tuple(
    msgspec.json.Decoder(kind)
    for kind in (
        list[_Pixel],
        list[list[_Pixel]],
        list[list[list[_Pixel]]],
        list[list[list[list[_Pixel]]]],
    )
)
_OPENING = re.compile(rb"[\s\[]*")
_PLACE = re.compile(r" - at `\$(.*)`$")


class Pictures(Struct):
    data: Raw
    """Decoded in `run`, by its nesting."""


def _pixels(data: bytes) -> NDArray[np.float32]:
    opening = _OPENING.match(data)
    depth = opening[0].count(b"[") if opening else 0
    if not 1 <= depth <= len(_DECODERS):
        raise ValidationError(f"Expected numbers in 1 to {len(_DECODERS)} nested lists - at `$.data`")
    try:
        pixels = np.array(_DECODERS[depth - 1].decode(data), dtype=np.float32)
    except ValidationError as error:
        raise ValidationError(_PLACE.sub(r" - at `$.data\1`", str(error))) from error
    except ValueError:
        raise ValidationError("Expected nested lists of one length - at `$.data`") from None
    return _pictures(pixels, "Expected 784 numbers (28 x 28) a picture, got {} - at `$.data`")


def _raw_pixels(body: bytes) -> NDArray[np.float32]:
    pixels = np.frombuffer(body, dtype=np.uint8).astype(np.float32)
    pixels /= 255
    return _pictures(pixels, "Expected 784 bytes (28 x 28) a picture, got {}")


def _pictures(pixels: NDArray[np.float32], refusal: str) -> NDArray[np.float32]:
    if pixels.size % PIXELS:
        raise ValidationError(refusal.format(pixels.size))
    return pixels.reshape(-1, 1, SIDE, SIDE)


_session: onnxruntime.InferenceSession


def init() -> None:
    global _session
    options = onnxruntime.SessionOptions()
    # One small picture: a second thread costs more than it brings.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
    )


def run(request: Pictures | bytes) -> list[int]:
    """A ValidationError is answered as a 400 that names the place."""
    pictures = _raw_pixels(request) if isinstance(request, bytes) else _pixels(bytes(request.data))
    if not len(pictures):
        return []
    (digits,) = _session.run(["digit"], {"image": pictures})
    found: list[int] = digits.tolist()
    return found
