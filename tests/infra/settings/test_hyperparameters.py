"""Hyperparameters that a model does not have are refused before anything is made; the others get their types."""

from __future__ import annotations

import pytest

from clone.hyperparameters import declared_hyperparameters
from clone.root import ROOT
from infra.settings.hyperparameters import in_their_types, misfits
from infra.settings.load import load
from tests.infra.settings.good import DECLARED, MODEL, changed


def test_each_model_of_this_clone_declares_its_hyperparameters() -> None:
    models = ["anomaly", "mnist_keras", "no_such_model"]

    assert {model: sorted(one) for model, one in declared_hyperparameters(ROOT, models).items()} == {
        "anomaly": ["criterion", "max_depth", "min_samples_leaf", "seed"],
        "mnist_keras": ["batch_size", "epochs", "learning_rate", "seed", "threads"],
    }


def test_a_model_that_declares_none_is_not_checked() -> None:
    settings = load(changed(((*MODEL, "train", "hyperparameters"), {"depth": 3})))

    assert list(misfits(settings, {})) == []
    assert [problem.key for problem in misfits(settings, DECLARED)] == ["edgeway:models[0].train.hyperparameters.depth"]


@pytest.mark.parametrize(
    ("model", "given", "told"),
    [
        (
            "people_detection",
            {"side": 321},
            "side: 321 is refused; allowed: a whole number from 64 to 1024, a multiple",
        ),
        ("maskrcnn", {"min_size": 300, "max_size": 100}, "min_size: 300 is refused; allowed: at most max_size, which"),
    ],
)
def test_what_the_network_cannot_be_made_of_is_refused(model: str, given: dict[str, int], told: str) -> None:
    settings = load(changed(((*MODEL, "name"), model), ((*MODEL, "train", "hyperparameters"), given)))

    (problem,) = misfits(settings, declared_hyperparameters(ROOT, [model]))
    assert str(problem).startswith(f"edgeway:models[0].train.hyperparameters.{told}")


@pytest.mark.parametrize(("given", "typed"), [("3", 3), (3, 3), ("none", "none")])
def test_a_number_that_was_written_as_text_trains_as_the_number_does(given: object, typed: object) -> None:
    settings = load(changed(((*MODEL, "train", "hyperparameters"), {"seed": "0", "max_depth": given})))

    (model,) = in_their_types(settings, DECLARED).models
    assert model.train.hyperparameters == {"seed": 0, "max_depth": typed}
