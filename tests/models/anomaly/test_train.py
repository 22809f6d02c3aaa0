"""Training the anomaly model: stable bytes, thresholds, agreement, the card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from contracts.card import artifact_digest, load_card
from models import onnx_session
from models.anomaly import model
from models.anomaly.data import parse_csv, simulate, to_csv
from models.anomaly.model import Hyperparameters
from models.anomaly.train import FIXTURES, build, main
from models.training import ModelError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "data.csv").write_bytes(to_csv(simulate()))
    return folder


def test_training_twice_gives_the_same_digest(data: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main(["--data", str(data), "--out", str(tmp_path / name)]) == 0
    assert artifact_digest(tmp_path / "one") == artifact_digest(tmp_path / "two")
    assert sorted(file.name for file in (tmp_path / "one").iterdir()) == ["card.json", "model.onnx", "score.py"]


def test_another_seed_or_setting_gives_another_digest(data: Path, tmp_path: Path) -> None:
    digests = set()
    for index, setting in enumerate(("seed=0", "seed=1", "max_depth=2", "criterion=entropy")):
        assert main(["--data", str(data), "--out", str(tmp_path / str(index)), "--set", setting]) == 0
        digests.add(artifact_digest(tmp_path / str(index)))
    assert len(digests) == 4


def test_the_default_data_reaches_the_thresholds_whatever_the_trees_seed() -> None:
    split = model.split(parse_csv(to_csv(simulate())))
    for seed in range(5):
        metrics = model.measure(model.fit(split, Hyperparameters(seed=seed)), split)
        assert metrics["accuracy"] >= 0.98
        assert metrics["recall"] >= 0.97


def test_a_tree_that_is_too_small_misses_the_threshold_and_says_so(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--out", str(tmp_path), "--set", "max_depth=1"]) == 0
    unmet = load_card(tmp_path).unmet()
    assert [problem.metric for problem in unmet] == ["accuracy", "recall"]
    assert "warning: accuracy is 0." in capsys.readouterr().err


def test_the_exported_model_answers_as_the_tree_does_on_every_row() -> None:
    split = model.split(parse_csv(to_csv(simulate(seed=3))))
    tree = model.fit(split, Hyperparameters())
    exported = model.export(tree)
    features = np.concatenate([split.train, split.test])
    assert onnx_session.predict(exported, features).tolist() == tree.predict(features).tolist()
    model.check_agreement(tree, exported, features)


def test_an_exported_model_that_differs_is_refused() -> None:
    split = model.split(parse_csv(to_csv(simulate())))
    exported = model.export(model.fit(split, Hyperparameters(max_depth=1)))
    with pytest.raises(ModelError, match=r"ONNX differs from scikit-learn on \d+ of 217 rows, first \["):
        model.check_agreement(model.fit(split, Hyperparameters()), exported, split.test)


def test_the_exported_model_says_nothing_about_who_made_it() -> None:
    split = model.split(parse_csv(to_csv(simulate())))
    exported = model.export(model.fit(split, Hyperparameters()))
    assert b"skl2onnx" not in exported
    assert len(exported) < 4096


def test_the_published_fixtures_keep_their_answers() -> None:
    _, card = build(to_csv(simulate()), Hyperparameters())
    answers = {example.name: example.output["anomaly"] for example in card.golden if isinstance(example.output, dict)}
    for name, _ in FIXTURES:
        assert answers[name] is name.startswith("anomaly"), name
    assert answers["held-out-anomaly"] is True
    assert answers["held-out-normal"] is False
    (batch,) = (example for example in card.golden if example.name == "batch")
    assert [row["anomaly"] for row in batch.output] == list(answers.values())


def test_the_card_tells_what_was_trained_on_what_and_holds_no_path(data: Path, tmp_path: Path) -> None:
    main(["--data", str(data), "--out", str(tmp_path), "--set", "seed=7.0", "--set", "max_depth=none"])
    card = load_card(tmp_path)
    assert (card.seeds.split_seed, card.seeds.seed) == (0, 7)
    assert (card.data.rows, card.data.train, card.data.test) == (618, 401, 217)
    assert card.hyperparameters == {"criterion": "gini", "max_depth": None, "min_samples_leaf": 1}
    assert "machine" in card.input["$defs"]["Telemetry"]["properties"]
    content = (tmp_path / "card.json").read_text()
    assert str(tmp_path) not in content
    assert str(data) not in content


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("depth=3", "unknown hyperparameter 'depth=3', allowed are criterion, max_depth, min_samples_leaf, seed"),
        ("seed", "--set is 'seed', must be key=value"),
        ("seed=-1", "hyperparameter seed is '-1', must be a whole number from 0 to 4294967295"),
        ("max_depth=2.5", "hyperparameter max_depth is '2.5', must be a whole number from 1 to 4294967295 or none"),
        ("min_samples_leaf=x", "hyperparameter min_samples_leaf is 'x'"),
        ("criterion=best", "hyperparameter criterion is 'best', must be gini, entropy, log_loss"),
    ],
)
def test_a_bad_hyperparameter_is_refused_naming_what_is_allowed(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str, message: str
) -> None:
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), "--set", setting]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_missing_data_is_an_error_that_names_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert str(tmp_path / "data.csv") in capsys.readouterr().err
