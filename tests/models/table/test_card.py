"""What is made of a table: ONNX with stable bytes, a card, and an entry script that answers as the estimator does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

import models.table
from contracts.card import ENTRY_SCRIPT, Card
from images.scoring.errors import BadRequest
from images.scoring.process.settings import Settings
from images.scoring.request import Request
from images.scoring.service.golden import check_golden
from images.scoring.service.service import Service, load_service
from models.table import Choice, Number, Seed, Table
from models.table.card import build
from models.table.fitting import CLASSIFICATION, REGRESSION, split
from models.table.rows import parse_csv, simulated
from models.training import ModelError, write_artifact
from tests.models.table.pumps import HOT, POWER, STATE, TABLES

SCRIPT = Path(models.table.__file__).parent / ENTRY_SCRIPT


def made(table: Table[Any], *, seed: int = 0) -> tuple[bytes, Card]:
    return build(f"pump_{table.label}", table, simulated(table, seed=seed, rows=400), table.hyperparameters())


def served(table: Table[Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    # the script's loader sets it, as Azure ML does
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(folder))
    write_artifact(folder, *made(table), SCRIPT)
    return load_service(folder, Settings().runs)


def ask(service: Service, body: Any) -> Any:
    return json.loads(service.score(Request(json.dumps(body).encode())).body)


@pytest.mark.parametrize("label", TABLES)
def test_the_same_data_give_the_same_bytes(label: str) -> None:
    exported, card = made(TABLES[label])
    again, same_card = made(TABLES[label])
    assert (exported, card.to_bytes()) == (again, same_card.to_bytes())
    # skl2onnx has them in a set, whose order changes from process to process
    domains = [opset.domain for opset in onnx.load_from_string(exported).opset_import]
    assert domains == sorted(domains)
    assert made(TABLES[label], seed=1)[1].to_bytes() != card.to_bytes()


@pytest.mark.parametrize("label", TABLES)
def test_the_entry_script_answers_every_golden_example(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = served(TABLES[label], tmp_path, monkeypatch)
    assert check_golden(service, tmp_path / ENTRY_SCRIPT) == len(service.card.golden) >= 6


@pytest.mark.parametrize("label", TABLES)
def test_the_script_reads_its_types_from_the_card(label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served(TABLES[label], tmp_path, monkeypatch)
    import sys

    script: Any = sys.modules["entry_module"]
    card = json.loads((tmp_path / "card.json").read_bytes())
    assert msgspec.json.schema(script.Row | list[script.Row]) == card["input"]
    assert list(script.Row.__struct_fields__) == ["speed", "site", "filtered"]


def test_golden_examples_have_every_class_both_ends_a_list_and_nothing() -> None:
    _, card = made(STATE)
    names = [example.name for example in card.golden]
    assert names == ["state-good", "state-new", "state-worn", "lowest", "highest", "rows", "no-rows"]
    by_name = {example.name: example for example in card.golden}
    assert by_name["lowest"].input == {"speed": 0, "site": "indoors", "filtered": False}
    assert by_name["highest"].input == {"speed": 3000, "site": "roof", "filtered": True}
    assert {example.output["state"] for example in card.golden[:3]} == {"good", "new", "worn"}


@pytest.mark.parametrize(
    ("table", "metrics"),
    [
        (POWER, set(REGRESSION)),
        (HOT, set(CLASSIFICATION)),
        (replace(POWER, metrics={"bias": lambda truth, found: float((found - truth).mean())}), {*REGRESSION, "bias"}),
    ],
)
def test_a_regression_and_a_classification_have_their_metrics_and_ones_own(
    table: Table[Any], metrics: set[str]
) -> None:
    _, card = made(table)
    assert set(card.metrics) == metrics
    assert card.unmet() == []


def test_the_metrics_are_scikit_learns() -> None:
    from sklearn import metrics as known

    truth, found = np.array([0, 0, 1, 2, 2, 1]), np.array([0, 1, 1, 2, 0, 1])
    for name in ("precision", "recall", "f1"):
        expected = getattr(known, f"{name}_score")(truth, found, average="macro")
        assert CLASSIFICATION[name](truth, found) == pytest.approx(expected)
    assert CLASSIFICATION["accuracy"](truth, found) == pytest.approx(known.accuracy_score(truth, found))
    numbers, near = truth * 1.5, found * 1.4 + 0.1
    assert REGRESSION["mae"](numbers, near) == pytest.approx(known.mean_absolute_error(numbers, near))
    assert REGRESSION["rmse"](numbers, near) == pytest.approx(known.root_mean_squared_error(numbers, near))
    assert REGRESSION["r2"](numbers, near) == pytest.approx(known.r2_score(numbers, near))
    assert REGRESSION["max_error"](numbers, near) == pytest.approx(known.max_error(numbers, near))


def test_the_held_out_rows_are_fixed_and_have_the_share_of_each_class() -> None:
    rows = parse_csv(STATE, simulated(STATE, seed=0, rows=400))
    one, other = split(STATE, rows), split(STATE, rows)
    assert one == other
    assert len(one.train) + len(one.test) == 400
    for state in ("new", "good", "worn"):
        whole, held_out = (sum(row["state"] == state for row in part) for part in (rows, one.test))
        assert held_out == -(-whole // 4)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"speed": 3001, "site": "roof", "filtered": True}, "speed is 3001: Expected `float` <= 3000.0"),
        ({"speed": 1, "site": "cellar", "filtered": True}, "site is \"cellar\": Invalid enum value 'cellar'"),
        ({"speed": 1, "site": "roof", "filtered": 1}, "filtered is 1: Expected `bool`, got `int`"),
        ([{"speed": 1, "site": "roof"}], "[0].filtered is missing"),
    ],
)
def test_a_wrong_request_is_refused_with_its_path(
    body: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = served(POWER, tmp_path, monkeypatch)
    with pytest.raises(BadRequest) as refusal:
        ask(service, body)
    assert said in str(refusal.value)


def test_whole_numbers_are_numbers_and_unknown_fields_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = served(POWER, tmp_path, monkeypatch)
    answer = ask(service, {"speed": 1000, "site": "roof", "filtered": False, "timeCreated": "2026-01-01"})
    assert answer == {"power": pytest.approx(15, abs=1e-3)}


class _Stubborn:
    """Learns nothing and exports something else."""

    def fit(self, features: NDArray[Any], labels: NDArray[Any]) -> None:
        self.width = features.shape[1]

    def predict(self, features: NDArray[Any]) -> NDArray[Any]:
        return np.full(len(features), 7.0)

    def to_onnx(self, name: str) -> bytes:
        from models.dense_onnx import export

        kernel = np.zeros((self.width, 1), np.float32)
        nothing = np.zeros(self.width, np.float32)
        return export([(kernel, np.array([8.0], np.float32))], name=name, mean=nothing, scale=nothing + 1)


def test_an_exported_model_that_answers_another_thing_is_refused_with_a_row() -> None:
    stubborn = replace(POWER, estimator=lambda given: _Stubborn())
    with pytest.raises(
        ModelError, match=r"ONNX differs from the estimator on 405 of 405 rows: .* is 8\.0, .* says 7\.0"
    ):
        made(stubborn)


def test_a_network_of_dense_layers_answers_in_onnx_as_in_numpy() -> None:
    from models.dense_onnx import export
    from models.onnx_session import predict

    draw = np.random.default_rng(0)
    features = draw.normal(5, 3, (20, 4)).astype(np.float32)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    layers = [
        (draw.normal(size=size).astype(np.float32), draw.normal(size=size[1]).astype(np.float32))
        for size in ((4, 8), (8, 3))
    ]
    hidden = np.maximum((features - mean) / scale @ layers[0][0] + layers[0][1], 0)
    expected = (hidden @ layers[1][0] + layers[1][1]).argmax(axis=1)
    assert (
        predict(export(layers, name="net", mean=mean, scale=scale, classes=True), features).tolist()
        == expected.tolist()
    )


def test_a_table_without_hyperparameters_has_a_seed() -> None:
    assert POWER.hyperparameters is Seed


@pytest.mark.parametrize("values", [(), ("one",), ("one", "one")])
def test_a_choice_needs_two_texts(values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="two or more different texts are wanted"):
        Choice(*values)


def test_a_number_without_bounds_still_fits_in_32_bits() -> None:
    with pytest.raises(ValueError, match="1e39"):
        Number().read("1e39")
