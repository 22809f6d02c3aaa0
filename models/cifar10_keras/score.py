"""Entry script of cifar10_keras, in Azure ML's convention: `init()` once, `run()` per request.

Pictures come as base64 in JSON, `{"automobile8.png": "<base64>"}`, as the parts of a form, or as a body of their own;
the answer has one label a picture: `[{"automobile8.png": "automobile"}]`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import numpy as np
import onnxruntime
from msgspec import Meta, Struct
from numpy.typing import NDArray
from PIL import Image

from models.pictures import opened

SIDE = 32
LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

Content = Annotated[bytes, Meta(min_length=1)]


class Picture(Struct):
    content: Content
    name: str = "image"


_session: onnxruntime.InferenceSession


def init() -> None:
    global _session
    options = onnxruntime.SessionOptions()
    # one small picture: a second thread costs more than it brings
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])


def run(request: dict[str, Content] | Picture | list[Picture]) -> list[dict[str, str]]:
    """A ValidationError is answered as a 400 that names the place."""
    if isinstance(request, dict):
        given = [(name, content, f"$.{name}") for name, content in request.items()]
    elif isinstance(request, list):
        given = [(one.name, one.content, f"$[{place}].content") for place, one in enumerate(request)]
    else:
        given = [(request.name, request.content, "$.content")]
    if not given:
        return []
    pixels = np.stack([_pixels(content, where) for _, content, where in given])
    (labels,) = _session.run(["label"], {"image": pixels})
    return [{name: LABELS[label]} for (name, _, _), label in zip(given, labels.tolist(), strict=True)]


def _pixels(content: bytes, where: str) -> NDArray[np.uint8]:
    """Fitted to 32 x 32, as wide as high."""
    image = opened(content, where=where, least=SIDE)
    return np.asarray(image if image.size == (SIDE, SIDE) else image.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
