"""A clone that has the artifact of a model, and what an OnlineModel of it is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clone.layout import Clone
from contracts.card import artifact_digest
from infra.provider.types import OnlineModel
from pluginbase.resource import Properties
from tests.infra.provider.online.fake_azure import ENDPOINT
from tests.infra.provider.recorder import checked

WORKSPACE = ENDPOINT.partition("/onlineEndpoints")[0]
CARD = {
    "schema": 1,
    "name": "anomaly",
    "framework": {},
    "hyperparameters": {},
    "seeds": {"split_seed": 0, "seed": 0},
    "data": {"sha256": "0" * 64, "rows": 2, "train": 1, "test": 1},
    "metrics": {},
    "thresholds": {},
    "input": {},
    "output": {},
    "golden": [{"name": "one", "input": [1], "output": [2]}],
    "licence": "MIT",
}


@pytest.fixture
def model(tmp_path: Path) -> tuple[OnlineModel, Properties]:
    """The type over a clone that has the artifact, and inputs of it."""
    clone, folder = Clone(tmp_path), tmp_path / "artifact"
    folder.mkdir()
    for name, content in (("card.json", json.dumps(CARD)), ("model.onnx", "model"), ("score.py", "")):
        (folder / name).write_text(content)
    digest = artifact_digest(folder)
    clone.artifacts.add(folder)
    inputs = {
        "endpointId": ENDPOINT,
        "location": "westeurope",
        "environmentId": f"{WORKSPACE}/environments/anomaly-scoring/versions/1",
        "modelId": f"{WORKSPACE}/models/anomaly/versions/1",
        "instanceType": "Standard_DS2_v2",
        "instances": 1,
        "environmentVariables": {"SCORING_PORT": "5001"},
        "requestTimeoutSeconds": 3,
        "concurrentRequests": 64,
        "traffic": [10, 50, 100],
        "holdSeconds": 5,
        "probes": 7,
        "digest": digest,
        "source": {"model": "anomaly"},
        "tags": {"project": "edgeway"},
    }
    kind = OnlineModel(clone)
    return kind, checked(kind, inputs)
