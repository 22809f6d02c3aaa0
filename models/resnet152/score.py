"""Entry script of ResNet-152, in Azure ML's convention: `init()` once, `run()` per request.

Pictures come as the parts of a form, as a body of their own, or as base64 in JSON; the answer names the three most
probable classes of each, and the time: `[{"image": [["n02127052", "lynx", 0.98], ...]}, "Computed in 31.23 ms"]`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import onnxruntime
from msgspec import Meta, Struct

from models.pictures import centre, opened

SLOW = True
SIDE = 224


class Picture(Struct):
    content: Annotated[bytes, Meta(min_length=1)]
    name: str = "image"
    filename: str = ""


Best = list[tuple[str, str, float]]

_session: onnxruntime.InferenceSession
_labels: list[tuple[str, str]]
_resize: int


def init() -> None:
    global _session, _labels, _resize
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 1)
    folder = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
    _session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    told = _session.get_modelmeta().custom_metadata_map
    _labels = [(label, name) for label, name in json.loads(told["labels"])]
    _resize = int(json.loads(told["resize"]))


def run(request: Picture | list[Picture]) -> list[dict[str, Best] | str]:
    """A ValidationError is answered as a 400 that names the place."""
    began = perf_counter()
    pictures = request if isinstance(request, list) else [request]
    best = _best(pictures, several=isinstance(request, list)) if pictures else []
    answer: dict[str, Best] = dict(zip(_names(pictures), best, strict=True))
    return [answer, f"Computed in {(perf_counter() - began) * 1e3:.2f} ms"]


def _best(pictures: Sequence[Picture], *, several: bool) -> list[Best]:
    places = [f"$[{place}].content" if several else "$.content" for place in range(len(pictures))]
    opens = (opened(one.content, where=where, least=_resize) for one, where in zip(pictures, places, strict=True))
    pixels = [centre(image, SIDE, of=_resize) for image in opens]
    indices, scores = _session.run(["index", "score"], {"image": np.stack(pixels)})
    return [
        [(*_labels[index], round(score, 4)) for index, score in zip(row, of_row, strict=True)]
        for row, of_row in zip(indices.tolist(), scores.tolist(), strict=True)
    ]


def _names(pictures: Sequence[Picture]) -> list[str]:
    """Each once: a form may call all its parts the same."""
    names: list[str] = []
    for number, one in enumerate(pictures, start=1):
        tried = (one.name, one.filename, f"{one.name} {number}")
        names.append(next((name for name in tried if name and name not in names), f"picture {number}"))
    return names
