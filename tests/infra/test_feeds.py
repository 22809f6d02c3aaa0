"""A sender whose messages a model does not take is refused before any resource, by its own name and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clone.layout import Clone
from clone.root import ROOT
from clone.training_inputs import TrainingInputs
from edge.layers import catalogue
from edge.manifest import Layer
from edge.senders import replay_layer
from infra.feeds import check_feeds
from infra.settings.layers import plan
from infra.settings.load import SettingsError, load
from tests.clone.test_rows import card
from tests.infra.settings.good import changed, second

INPUTS = "1" * 64
SCHEMA = {"type": "object", "properties": {"speed": {"type": "number"}}, "required": ["speed"]}
TELEMETRY_WITHOUT_AMBIENT = {"type": "object", "properties": {"machine": {"type": "number"}}}


def trained(root: Path, schema: dict[str, Any], inputs_digest: str = INPUTS) -> Path:
    """A clone in which the training of these inputs gave a card with this schema."""
    folder = root / "made"
    folder.mkdir(parents=True)
    for name in ("model.onnx", "score.py"):
        (folder / name).write_bytes(b"")
    document = json.loads(card({"speed": 1}).to_bytes())
    (folder / "card.json").write_text(json.dumps({**document, "input": schema}))
    store = Clone(root).artifacts
    store.record_run(inputs_digest, store.add(folder))
    return root


def checked(root: Path, name: str, settings: dict[str, Any], **layers: Layer[Any]) -> list[str]:
    """What is refused of a layer with these settings."""
    entry = second("edgeway:layers", name=name, settings=settings)
    planned = plan(load(changed((("edgeway:layers", 0), entry))), {**catalogue(), **layers})
    training = TrainingInputs(data_key="", data_sha256="", digest=INPUTS)
    try:
        check_feeds(root, planned, {"anomaly": training, "boiler": training})
    except SettingsError as refusal:
        return [str(problem) for problem in refusal.problems]
    return []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2", None),
        ("fast", '$.speed is "fast" (boiler.csv, line 3); allowed: a number'),
        ("", "$ is an object of 'site' (boiler.csv, line 3); allowed: an object with 'speed'"),
    ],
)
def test_a_file_is_held_against_the_models_card_by_row_and_column(tmp_path: Path, row: str, told: str | None) -> None:
    root = trained(tmp_path, SCHEMA)
    (root / "boiler.csv").write_text(f"speed,site\n1,a\n{row},b\n")

    refused = checked(root, "boiler", {"from": "boiler.csv"}, boiler=replay_layer(model="boiler"))

    what = "edgeway:layers[0]: boiler-replay of the layer boiler sends the model boiler what it does not take"
    assert refused == ([] if told is None else [f"{what}: {told}"])


def test_the_sensors_telemetry_is_held_against_the_model_that_it_feeds(tmp_path: Path) -> None:
    assert checked(trained(tmp_path, TELEMETRY_WITHOUT_AMBIENT), "anomaly", {}) == [
        "edgeway:layers[0]: sensor of the layer anomaly sends the model anomaly what it does not take: "
        '$.machine is {"temperature": 21.0, "pressure": 1.0}; allowed: a number'
    ]


def test_golden_examples_are_not_compared_nor_is_what_nobody_describes(tmp_path: Path) -> None:
    assert checked(trained(tmp_path / "a", SCHEMA), "boiler", {}, boiler=replay_layer(model="boiler")) == []
    assert checked(tmp_path, "anomaly", {}) == []


def test_the_projects_own_sensor_fits_the_projects_own_model() -> None:
    assert checked(ROOT, "anomaly", {}) == []
