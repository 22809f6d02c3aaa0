"""Weights in, artifact out: `python -m models.resnet152.train --data DIR --out DIR [--set key=value]...`.

Nothing is learned here: the network is built from published weights, or from drawn ones, which know nothing.
"""

from __future__ import annotations

import hashlib
import io
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contracts.card import Body, Card, Dataset, Golden, Seeds
from contracts.form import Part, form
from contracts.thresholds import Threshold
from models import pictures
from models.resnet152 import model
from models.resnet152.data import weights_of
from models.resnet152.model import Hyperparameters
from models.resnet152.network import SIDE
from models.source import DATA_FILE
from models.training import ModelError, run

LICENCE = "weights: as their publisher says (torchvision: BSD-3-Clause); code: MIT"
COMPARED, FITTED = 50, 12
"""Drawn pictures by which int8 is compared with fp32, and by which its ranges are set."""
# Golden examples must not turn on the last bits of another processor.
GOLDEN_LEAD, GOLDEN_TOLERANCE, GOLDEN_TRIED = 0.002, 0.002, 40

INPUT = {
    "title": "Picture",
    "description": "A picture of which the middle is looked at",
    "type": "object",
    "properties": {
        "content": {"type": "string", "contentEncoding": "base64"},
        "name": {"type": "string", "default": "image"},
        "filename": {"type": "string", "default": ""},
    },
    "required": ["content"],
}
OUTPUT = {
    "title": "Classes",
    "description": "By name of the picture its three most probable classes (WordNet id, name, probability); the time",
    "type": "array",
    "prefixItems": [{"type": "object", "additionalProperties": {"type": "array"}}, {"type": "string"}],
}


def build(content: bytes, hyperparameters: Hyperparameters, where: str = DATA_FILE) -> tuple[bytes, Card]:
    made = model.exported(weights_of(content, hyperparameters.width, where=where), hyperparameters)
    metrics = {"agreement": 1.0}
    if hyperparameters.precision == "int8":
        made, metrics["agreement"] = _quantised(made, hyperparameters.seed)
    values = asdict(hyperparameters)
    return made, Card(
        name="resnet152",
        framework={name: version(name) for name in ("numpy", "onnx", "onnxruntime")},
        seeds=Seeds(split_seed=0, seed=values.pop("seed")),
        hyperparameters=values,
        data=Dataset(sha256=hashlib.sha256(content).hexdigest(), rows=1, train=0, test=0),
        metrics=metrics,
        thresholds={"agreement": Threshold(min=0.98)},
        input=INPUT,
        output=OUTPUT,
        golden=_golden(made, hyperparameters),
        licence=LICENCE,
    )


def _quantised(fp32: bytes, seed: int) -> tuple[bytes, float]:
    """And the share of drawn pictures for which the first class is fp32's."""
    from models.resnet152.quantised import quantised

    int8 = quantised(fp32, model.drawn(seed + 1, FITTED))
    pixels = model.drawn(seed, COMPARED)
    first, other = (model.best(made, pixels)[0][:, 0] for made in (fp32, int8))
    return int8, float(np.mean(first == other))


def _golden(made: bytes, hyperparameters: Hyperparameters) -> tuple[Golden, ...]:
    """Two drawn pictures that are told without doubt: one as a body, both as a form."""
    names = model.labels()
    pixels = model.drawn(hyperparameters.seed + 2, GOLDEN_TRIED)
    sent = [_png(one) for one in pixels]
    seen = np.stack([pictures.centre(pictures.opened(one, where="$"), SIDE, of=hyperparameters.resize) for one in sent])
    index, score = model.best(made, seen)
    sure = np.flatnonzero((-np.diff(score, axis=1)).min(axis=1) >= GOLDEN_LEAD)[:2]
    if len(sure) < 2:
        raise ModelError(f"of {GOLDEN_TRIED} drawn pictures {len(sure)} are told without doubt, 2 are needed")
    answers = [
        [[*names[one], round(float(share), 4)] for one, share in zip(index[place], score[place], strict=True)]
        for place in sure
    ]
    parts = [Part(name=f"picture{n}", filename=f"{n}.png", body=Body("image/png", sent[p])) for n, p in enumerate(sure)]
    batch = {part.name: answer for part, answer in zip(parts, answers, strict=True)}
    return (
        _example("one", parts[0].body, {"image": answers[0]}),
        _example("two", form(parts), batch),
    )


def _example(name: str, body: Body, output: dict[str, Any]) -> Golden:
    answer = [output, "Computed in 1.00 ms"]
    return Golden(name=name, body=body, output=answer, tolerance=GOLDEN_TOLERANCE, any_at=("$[1]",))


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).resize((64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def main(argv: list[str] | None = None) -> int:
    return run(
        Path(__file__).parent,
        "Build ResNet-152 of its weights.",
        settings=Hyperparameters,
        build=build,
        beside=("pictures.py",),
        argv=argv,
    )


if __name__ == "__main__":
    sys.exit(main())
