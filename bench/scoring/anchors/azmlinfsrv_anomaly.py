"""Entry script for Microsoft's azureml-inference-server-http, as its users write it: json, numpy, scikit-learn."""

# mypy: ignore-errors
from __future__ import annotations

import json
import os
from pathlib import Path

import joblib
import numpy as np


def init():
    global model
    model = joblib.load(Path(os.environ["AZUREML_MODEL_DIR"]) / "model.joblib")


def run(data):
    body = json.loads(data)
    rows = body if isinstance(body, list) else [body]
    features = np.array(
        [
            [
                row["machine"]["temperature"],
                row["machine"]["pressure"],
                row["ambient"]["temperature"],
                row["ambient"]["humidity"],
            ]
            for row in rows
        ],
        dtype=np.float32,
    )
    answers = [{**row, "anomaly": bool(label)} for row, label in zip(rows, model.predict(features), strict=True)]
    return answers if isinstance(body, list) else answers[0]
