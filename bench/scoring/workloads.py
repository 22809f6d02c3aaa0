"""What is asked: bodies of the two models, and the answers that scikit-learn and Keras give to them."""

# mypy: disable-error-code="import-untyped"
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from bench.scoring.models import ANOMALY, MNIST, Model
from contracts.card import load_card
from models.anomaly.data import parse_csv as parse_telemetry
from models.anomaly.model import Hyperparameters, fit, split
from models.mnist_keras.data import parse_csv as parse_digits

JSON, RAW = "application/json", "application/octet-stream"
TIME_CREATED = "2017-10-27T18:14:02.4911177Z"
ROWS = (1, 32, 1024)
# Different bodies of one workload, so that a server that answers from memory would be seen.
DIFFERENT = 8


@dataclass(frozen=True, slots=True)
class Request:
    body: bytes
    answer: Any
    """As JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    name: str
    model: str
    content_type: str
    requests: tuple[Request, ...]
    rows: int = 1


def of(model: Model) -> list[Workload]:
    return _anomaly(model) if model.name == ANOMALY else _mnist(model)


def _anomaly(model: Model) -> list[Workload]:
    rows = parse_telemetry((model.data / "data.csv").read_bytes())
    tree = fit(split(rows), Hyperparameters())
    labels = tree.predict(np.array([row.features for row in rows], dtype=np.float32))
    asked = [_telemetry(row.features) for row in rows]
    answered = [{**body, "anomaly": bool(label)} for body, label in zip(asked, labels, strict=True)]
    # both kinds of answer in every workload
    order = [*np.flatnonzero(labels)[: DIFFERENT // 2], *np.flatnonzero(labels == 0)]
    workloads = []
    for count in ROWS:
        requests = []
        for start in range(DIFFERENT):
            chosen = [order[(start + index) % len(order)] for index in range(count)]
            body = [asked[index] for index in chosen] if count > 1 else asked[chosen[0]]
            answer = [answered[index] for index in chosen] if count > 1 else answered[chosen[0]]
            requests.append(Request(_json(body), answer))
        name = f"{ANOMALY}, {count:,} row{'s' if count > 1 else ''}"
        workloads.append(Workload(name=name, model=ANOMALY, content_type=JSON, requests=tuple(requests), rows=count))
    return workloads


def _telemetry(features: Sequence[float]) -> dict[str, Any]:
    temperature, pressure, ambient, humidity = features
    return {
        "machine": {"temperature": temperature, "pressure": pressure},
        "ambient": {"temperature": ambient, "humidity": int(humidity)},
        "timeCreated": TIME_CREATED,
    }


def _mnist(model: Model) -> list[Workload]:
    digits = parse_digits((model.data / "data.csv").read_bytes())
    session = onnxruntime.InferenceSession(str(model.artifact / "model.onnx"), providers=["CPUExecutionProvider"])
    pixels = digits.images.reshape(-1, 1, 28, 28).astype(np.float32) / np.float32(255)
    # this graph's logits agree with Keras' on every held-out picture: training has checked it
    read = session.run(["digit"], {"image": pixels})[0]
    wrong = int((read != digits.labels).sum())
    if wrong > len(read) * 0.03 or load_card(model.artifact).unmet():
        raise SystemExit(f"the digit reader misreads {wrong} of {len(read)} pictures: nothing to measure")
    chosen = range(DIFFERENT)
    as_json = tuple(
        Request(_json({"data": [round(float(value), 4) for value in pixels[index].ravel()]}), [int(read[index])])
        for index in chosen
    )
    raw = tuple(Request(digits.images[index].tobytes(), [int(read[index])]) for index in chosen)
    return [
        Workload(name="digits, JSON", model=MNIST, content_type=JSON, requests=as_json),
        Workload(name="digits, raw bytes", model=MNIST, content_type=RAW, requests=raw),
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
