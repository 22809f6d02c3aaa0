"""The digest that decides whether a model is trained again: what moves it, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from clone.errors import CloneError
from clone.packages.serving import heading
from clone.training_inputs import TrainingInputs, TrainingInputsError, training_inputs
from contracts.data import Store, spec_key
from dryrun import DATA_SPEC, make_clone

TRAIN = "models/anomaly/train.py"


def inputs(root: Path, model: str = "anomaly", *, data_seed: int = 0, max_depth: int = 4) -> TrainingInputs:
    data_spec = {**DATA_SPEC, "seed": data_seed}
    return training_inputs(root, model=model, data_spec=data_spec, hyperparameters={"max_depth": max_depth})


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return make_clone(tmp_path)


def digest(root: Path, *, max_depth: int = 4) -> str:
    return inputs(root, max_depth=max_depth).digest


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    write(root, name, text.replace(old, new))


def test_packages_of_the_entry_script_move_the_digest_and_a_stale_lock_is_refused(clone: Path) -> None:
    before = digest(clone)
    write(clone, "images/scoring/requirements.lock", "numpy==2.4.6\n")
    write(clone, "models/anomaly/serving.in", "pillow\n")
    write(clone, "models/anomaly/serving.lock", f"{heading(clone, 'anomaly')}\npillow==12.0.0\n")
    assert digest(clone) != before
    write(clone, "models/anomaly/serving.in", "pillow<12\n")
    with pytest.raises(CloneError, match=r"models/anomaly/serving\.lock was made of another serving\.in"):
        digest(clone)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (TRAIN, "import json\n"),
        ("models/anomaly/features.py", "A = 1\n"),
        ("models/anomaly/requirements.txt", "tensorflow==2.20.0\n"),
        ("models/anomaly/model.onnx", "weights"),
        ("models/anomaly/examples.jsonl", '{"input": 1}'),
        ("contracts/card.py", "B = 2\n"),
    ],
)
def test_code_and_requirements_move_the_digest(clone: Path, file: str, text: str) -> None:
    before = digest(clone)

    write(clone, file, text)

    assert digest(clone) != before


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("models/anomaly/README.md", "# anomaly\n"),
        ("models/anomaly/__pycache__/train.cpython-311.pyc", "compiled"),
        ("models/anomaly/.train.py.swp", "editor"),
        ("models/other/train.py", "import json\n"),
        ("images/scoring/server.py", "C = 3\n"),
    ],
)
def test_what_no_training_reads_leaves_the_digest(clone: Path, file: str, text: str) -> None:
    before = digest(clone)

    write(clone, file, text)

    assert digest(clone) == before


def test_a_hyperparameter_moves_the_digest(clone: Path) -> None:
    assert digest(clone, max_depth=5) != digest(clone, max_depth=4)


def test_other_data_move_the_digest(clone: Path) -> None:
    before = digest(clone)
    write(clone, "data.csv", "machine_temperature,anomaly\n99.0,1\n")
    store = Store(clone / ".local" / "data")
    store.record(spec_key("anomaly", DATA_SPEC), store.add(clone / "data.csv"))

    assert digest(clone) != before


def test_a_package_that_the_model_imports_moves_the_digest_and_another_does_not(clone: Path) -> None:
    before = digest(clone)

    edit(clone, "requirements.lock", "pulumi==3.272.0", "pulumi==3.273.0")
    assert digest(clone) == before

    edit(clone, "requirements.lock", "scikit-learn==1.9.1", "scikit-learn==1.9.2")
    assert digest(clone) != before


def test_two_clones_agree(tmp_path: Path) -> None:
    first, second = make_clone(tmp_path / "a"), make_clone(tmp_path / "b")

    assert inputs(first) == inputs(second)


def test_missing_data_say_what_to_run(clone: Path) -> None:
    with pytest.raises(TrainingInputsError, match=r"data of model anomaly is not in .* run `edgeway data` first"):
        inputs(clone, data_seed=1)


def test_a_model_without_code_names_those_that_have_some(clone: Path) -> None:
    with pytest.raises(TrainingInputsError, match=r"cat has no models/cat/train\.py or model\.py; there are: anomaly"):
        inputs(clone, "cat")


def test_an_import_that_no_lock_holds_is_refused(clone: Path) -> None:
    write(clone, TRAIN, "import torch\n")

    with pytest.raises(
        TrainingInputsError, match=r"models/anomaly imports torch, which requirements\.lock does not hold"
    ):
        inputs(clone)


def test_a_model_with_requirements_of_its_own_may_import_what_the_lock_does_not_hold(clone: Path) -> None:
    write(clone, TRAIN, "import torch\n")
    write(clone, "models/anomaly/requirements.txt", "torch==2.9.0\n")

    assert digest(clone)


@pytest.mark.parametrize(
    ("file", "moves"),
    [
        ("models/base/rows.py", True),
        ("models/base/score.py", True),
        ("models/deeper.py", True),
        ("models/unused.py", False),
        ("models/base/README.md", False),
    ],
)
def test_what_the_model_imports_of_the_other_models_counts_and_no_more(clone: Path, file: str, moves: bool) -> None:
    write(clone, TRAIN, "from models.base import rows\n")
    write(clone, "models/base/__init__.py", "")
    write(clone, "models/base/rows.py", "from models import deeper\nimport models.gone\n")
    write(clone, "models/deeper.py", "A = 1\n")
    before = digest(clone)

    write(clone, file, "A = 2\n")

    assert (digest(clone) != before) is moves


def test_a_table_is_trained_of_its_one_file(clone: Path) -> None:
    write(clone, "models/pump/model.py", "from models.base import rows\n")
    store = Store(clone / ".local" / "data")
    store.record(spec_key("pump", DATA_SPEC), store.add(clone / "data.csv"))
    before = inputs(clone, "pump").digest

    write(clone, "models/base/rows.py", "A = 1\n")

    assert inputs(clone, "pump").digest != before
