"""Entry script of every table model, in Azure ML's convention: `init()` once, `run()` per request.

It travels in the artifact, so it imports only what the scoring image has. What a request holds, in which order the
model sees it and what is answered stand in the card beside it.
https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints#understand-the-scoring-script
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import onnxruntime
from msgspec import Meta, defstruct

_FOLDER = Path(os.environ.get("AZUREML_MODEL_DIR") or Path(__file__).parent)
_CARD = json.loads((_FOLDER / "card.json").read_bytes())


def _type_of(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    if schema["type"] == "boolean":
        return bool
    return Annotated[float, Meta(ge=schema.get("minimum"), le=schema.get("maximum"))]


def _struct(name: str, schema: dict[str, Any]) -> Any:
    """Its fields in the order of `required`: the card's objects are sorted."""
    fields = schema["$defs"][name]
    # gc=False: a request is a tree, and a collector that looks through many rows costs a tenth of their time.
    return defstruct(name, [(one, _type_of(fields["properties"][one])) for one in fields["required"]], gc=False)


Row = _struct("Row", _CARD["input"])
Answer = _struct("Answer", _CARD["output"])
_columns = _CARD["input"]["$defs"]["Row"]
# a choice as one 0 or 1 for each of its values, as in training; a number and a truth value as they are
_choices = [_columns["properties"][name].get("enum", ()) for name in _columns["required"]]
((_label, _answer),) = _CARD["output"]["$defs"]["Answer"]["properties"].items()
_classes = _answer.get("enum", [False, True] if _answer.get("type") == "boolean" else None)

_session: onnxruntime.InferenceSession


def init() -> None:
    global _session
    options = onnxruntime.SessionOptions()
    # Rows are small: a second thread costs more than it brings.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    _session = onnxruntime.InferenceSession(
        str(_FOLDER / "model.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _seen(row: Any) -> list[float]:
    seen: list[float] = []
    for value, choices in zip(msgspec.structs.astuple(row), _choices, strict=True):
        seen += [one == value for one in choices] if choices else [value]
    return seen


def run(request: Row | list[Row]) -> Answer | list[Answer]:  # type: ignore[valid-type]
    rows = request if isinstance(request, list) else [request]
    if not rows:
        return []
    features = np.array([_seen(row) for row in rows], dtype=np.float32)
    predicted = _session.run(None, {"features": features})[0].ravel().tolist()
    answers = [Answer(value if _classes is None else _classes[value]) for value in predicted]
    return answers if isinstance(request, list) else answers[0]
