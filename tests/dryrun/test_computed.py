"""What the fake providers answer: the same in every run, and all that the program reads."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from dryrun.computed import computed
from infra import resources
from infra.resources import MledgeResource

IMAGE = "mledge:docker:Image"


def sent_types() -> list[type[MledgeResource]]:
    for module in iter_modules(resources.__path__):
        import_module(f"{resources.__name__}.{module.name}")
    return MledgeResource.__subclasses__()


def test_the_order_in_which_keys_arrive_changes_no_digest() -> None:
    one: dict[str, Any] = {
        "image": "scoring",
        "source": {"model": "anomaly", "hyperparameters": {"depth": 3, "seed": 1}},
    }
    other: dict[str, Any] = {
        "source": {"hyperparameters": {"seed": 1, "depth": 3}, "model": "anomaly"},
        "image": "scoring",
    }
    assert computed(IMAGE, "scoring", one) == computed(IMAGE, "scoring", other)


def test_another_input_is_another_digest() -> None:
    assert computed(IMAGE, "a", {"contextDigest": "1"}) != computed(IMAGE, "a", {"contextDigest": "2"})


@pytest.mark.parametrize("sent", sent_types(), ids=lambda sent: sent.__name__)
def test_every_output_that_the_program_reads_is_answered(sent: type[MledgeResource]) -> None:
    assert set(sent.outputs) <= set(computed(sent.resource_type, "one", {}))
