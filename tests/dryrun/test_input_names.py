"""The inputs of `mledge` are those of its two sides, spelt nowhere else."""

from __future__ import annotations

import pytest

from dryrun.input_names import INPUTS, problems
from infra.provider.__main__ import resources

KEY = "mledge:secret:Key"


def test_every_type_that_is_served_is_known() -> None:
    assert {one.token for one in resources()} <= set(INPUTS)


def test_what_the_program_may_leave_out_or_never_sends_is_optional() -> None:
    names = INPUTS["mledge:docker:Image"]
    assert set(names.required) == {"loginServer", "repository", "image", "contextDigest", "buildArgs"}
    assert set(names.optional) == {"artifactDigest", "model", "rowsFile", "source"}


def test_an_input_that_the_provider_could_fill_in_is_missed_all_the_same() -> None:
    assert problems(KEY, {"bytes": 32}, previewing=False) == ["rotation is missing"]


def test_an_input_that_the_provider_does_not_take_is_not_expected() -> None:
    assert problems(KEY, {"bytes": 32, "rotation": 0, "size": 1}, previewing=False) == ["size is not expected"]


@pytest.mark.parametrize(
    ("token", "place"),
    [
        ("mledge:ml:Nothing", "infra/provider/types/__init__.py"),
        ("azure-native:network:LoadBalancer", "dryrun/input_names.py"),
    ],
)
def test_an_unknown_type_is_refused_with_the_place_to_add_it(token: str, place: str) -> None:
    (problem, *_) = problems(token, {}, previewing=False)
    assert problem.endswith(f"add it to {place}")
