"""Train the anomaly model: `python -m models.anomaly.train --data DIR --out DIR [--set key=value]...`.

The same data and settings give the same bytes.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from contracts.card import Card, Dataset, Golden, Seeds
from contracts.thresholds import Threshold
from models.anomaly import model, score
from models.anomaly.data import parse_csv
from models.anomaly.model import Hyperparameters, Split
from models.source import DATA_FILE
from models.training import run

THRESHOLDS = {"accuracy": Threshold(min=0.98), "recall": Threshold(min=0.97)}
LICENCE = "MIT"
FRAMEWORK = ("numpy", "onnx", "scikit-learn", "skl2onnx")
TIME_CREATED = "2017-10-27T18:14:02.4911177Z"

# readings of the published data set whose answers are known
FIXTURES = (
    ("normal-1", (31.16469009, 2.158002669, 21.17794693, 25)),
    ("normal-2", (24.90294136, 1.44463889, 20.89537849, 24)),
    ("normal-3", (33.40859853, 2.413637808, 20.89162813, 26)),
    ("normal-4", (34.42109181, 2.528985143, 21.23903786, 25)),
    ("anomaly-warm-and-humid", (33.66995566, 2.44341267, 21.39450979, 26)),
    ("anomaly-overheated", (105.5457931, 10.63179922, 20.62029994, 26)),
)


def build(content: bytes, hyperparameters: Hyperparameters, where: str = DATA_FILE) -> tuple[bytes, Card]:
    """Data in, model and card out."""
    rows = parse_csv(content, where=where)
    data = model.split(rows)
    tree = model.fit(data, hyperparameters)
    exported = model.export(tree)
    model.check_agreement(tree, exported, np.concatenate([data.train, data.test]))
    return exported, _card(tree, data, hyperparameters, content=content)


def _card(tree: DecisionTreeClassifier, data: Split, hyperparameters: Hyperparameters, *, content: bytes) -> Card:
    values = asdict(hyperparameters)
    seed = values.pop("seed")
    return Card(
        name="anomaly",
        framework={name: version(name) for name in FRAMEWORK},
        hyperparameters=values,
        seeds=Seeds(split_seed=model.SPLIT_SEED, seed=seed),
        data=Dataset(
            sha256=hashlib.sha256(content).hexdigest(),
            rows=len(data.train) + len(data.test),
            train=len(data.train),
            test=len(data.test),
        ),
        metrics=model.measure(tree, data),
        thresholds=THRESHOLDS,
        input=_schema(score.Telemetry),
        output=_schema(score.Scored),
        golden=_golden(tree, data),
        licence=LICENCE,
    )


def _schema(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    """JSON schema of one body or a list of them."""
    return msgspec.json.schema(kind | list[kind])  # type: ignore[valid-type]


def _golden(tree: DecisionTreeClassifier, data: Split) -> tuple[Golden, ...]:
    """Examples with the answers that scikit-learn, not the exported model, gives."""
    bodies = [(name, _body(features)) for name, features in FIXTURES]
    for label, name in ((0, "held-out-normal"), (1, "held-out-anomaly")):
        features = data.test[np.flatnonzero(data.test_labels == label)[0]]
        bodies.append((name, _body(tuple(round(float(value), 6) for value in features))))
    singles = tuple(Golden(name=name, input=body, output=_answer(tree, body)) for name, body in bodies)
    batch = [body for _, body in bodies]
    answers = [example.output for example in singles]
    return (*singles, Golden(name="batch", input=batch, output=answers), Golden(name="no-rows", input=[], output=[]))


def _body(features: Sequence[float]) -> dict[str, Any]:
    temperature, pressure, ambient, humidity = features
    return {
        "machine": {"temperature": temperature, "pressure": pressure},
        "ambient": {"temperature": ambient, "humidity": int(humidity)},
        "timeCreated": TIME_CREATED,
    }


def _answer(tree: DecisionTreeClassifier, body: Mapping[str, Any]) -> dict[str, Any]:
    row = [*body["machine"].values(), *body["ambient"].values()]
    return {**body, "anomaly": bool(tree.predict(np.array([row], dtype=np.float32))[0])}


def main(argv: list[str] | None = None) -> int:
    return run(Path(__file__).parent, "Train the anomaly model.", settings=Hyperparameters, build=build, argv=argv)


if __name__ == "__main__":
    sys.exit(main())
