"""A clone with one stack, and a stack's outputs, without an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.stack.outputs import Outputs

STACK = """
config:
  edgeway:location: westeurope
  edgeway:models:
    - name: anomaly
      train: {data: {source: simulator, seed: 1, rows: 100}}
  edgeway:edgeRuntime: "1.6.1"
"""
VALUES: dict[str, Any] = {
    "environment": "local",
    "location": "westeurope",
    "hub": {"name": "iot-1", "host": "iot-1.azure-devices.net", "resourceGroup": "rg", "consumerGroup": "monitor"},
    "devices": {"edge-01": {"tags": {"model": "anomaly"}, "hub": "iot-1.azure-devices.net"}},
    "models": {"anomaly": {"version": "a" * 12, "digest": "a" * 64, "metrics": {"accuracy": 0.9908, "n": 3}}},
    "images": {"anomaly": "127.0.0.1:5/edgeway/anomaly@sha256:1"},
    "scoring": {"anomaly": {"url": "https://score.example/score", "ip": "127.0.0.1", "version": "a" * 12, "caPem": ""}},
    "scoringKeys": {"anomaly": "the-key"},
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.local.yaml").write_text(STACK)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    return tmp_path


@pytest.fixture
def outputs() -> Outputs:
    return Outputs("local", {**VALUES})
