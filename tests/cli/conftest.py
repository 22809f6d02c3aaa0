"""A clone with one stack, and a stack's outputs, without an engine."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.commands import monitor
from cli.events.message import Message
from cli.stack.outputs import Outputs
from cloud.sessions import forget_sessions
from contracts.card import Card, Dataset, Seeds
from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.cli.messages import ListReader
from tests.standin.running import RunningStandin, running_standin

_DATA_CONTRIBUTOR = "4fc6c259-987e-4a07-842e-c321cc9d413f"
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
    "models": {
        "anomaly": {
            "version": "a" * 12,
            "digest": "a" * 64,
            "metrics": {"accuracy": 0.9908, "n": 3},
            "thresholds": {"accuracy": {"min": 0.98}},
        }
    },
    "layers": {"anomaly": {"configuration": "anomaly-2", "models": ["anomaly"], "devices": ["edge-01"]}},
    "images": {"anomaly": "127.0.0.1:5/edgeway/anomaly@sha256:1"},
    "scoring": {
        "anomaly": {
            "url": "https://score.example/score",
            "ip": "127.0.0.1",
            "model": "anomaly",
            "version": "a" * 12,
            "caPem": "",
        }
    },
    "scoringKeys": {"anomaly": "the-key"},
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.local.yaml").write_text(STACK)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    return tmp_path


@pytest.fixture
def card() -> Card:
    """Without golden examples."""
    return Card(
        name="anomaly",
        framework={},
        hyperparameters={},
        seeds=Seeds(split_seed=0, seed=0),
        data=Dataset(sha256="0" * 64, rows=2, train=1, test=1),
        metrics={},
        thresholds={},
        input={},
        output={},
        golden=(),
        licence="MIT",
    )


def write_artifact(folder: Path, card: Card) -> Path:
    folder.mkdir()
    (folder / "card.json").write_bytes(card.to_bytes())
    (folder / "score.py").write_text("")
    (folder / "model.onnx").write_bytes(b"")
    return folder


@pytest.fixture
def outputs() -> Outputs:
    return Outputs("local", {**VALUES})


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch, outputs: Outputs) -> list[Message]:
    """Put messages in, and `monitor` of the stack reads them."""
    messages: list[Message] = []
    monkeypatch.setattr(monitor, "outputs", lambda name: outputs)
    monkeypatch.setattr(monitor, "enter", lambda name: None)
    monkeypatch.setattr(monitor, "Reader", lambda endpoint, start: ListReader(messages))
    monkeypatch.setattr(monitor, "built_in_endpoint", lambda hub: None)
    return messages


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    """With IoT Hub alone, and this process signed in to it."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)  # client and stand-in share this process, and the client spins
    forget_sessions()
    with running_standin(tmp_path, services=("iothub",)) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running
    forget_sessions()
    sys.setswitchinterval(interval)


def allow_deployer(standin: RunningStandin, hub: str) -> None:
    """The role that `up` gives to who ran it."""
    scope = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.Devices/IotHubs/{hub}"
    role = f"/subscriptions/{SUBSCRIPTION_ID}/providers/Microsoft.Authorization/roleDefinitions/{_DATA_CONTRIBUTOR}"
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    properties = {"principalId": DEPLOYER_OBJECT_ID, "roleDefinitionId": role}
    assert standin.arm("PUT", path, {"properties": properties}, version="2022-04-01").ok
