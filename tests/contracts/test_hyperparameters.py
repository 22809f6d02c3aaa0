"""What a model lets a stack set, read from its source: names, types, bounds, and how what is wrong is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from contracts.hyperparameters import Allowed, declared, parse, too_large

ROUNDED = f"in size at most {2**53}: the engine would round a larger one"
SOURCE = '''
import a_framework_that_is_not_here

class Other:
    depth: int = 3

@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """Words."""
    seed: Annotated[int, Meta(ge=0)] = 0
    rate: Annotated[float, Meta(gt=0, le=1)] = 0.1
    criterion: Literal["gini", "entropy"] = "gini"
    depth: int | None = None
    fast: bool = False
    note: str = ""
    path: Path | str = ""
    margin: typing.Annotated[float, Meta(ge=-5, le=5)] = 0
    dropout: Annotated[float, Meta(ge=0, lt=1)] = 0
    open: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    level: Annotated[int, Meta(ge=1, le=9)] | None = None
    power: Optional[Annotated[int, msgspec.Meta(lt=5)]] = None
    either: typing.Union[int, str] = 1
    side: Annotated[int, Meta(ge=64, le=1024, multiple_of=32)] = 320
    even: Annotated[int, Meta(multiple_of=2)] = 2
    small: Annotated[int, Meta(ge=1, extra={"at_most": "large"})] = 8
    large: Annotated[int, Meta(ge=1)] = 13
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameters:
    seed: int = 0
    rate: Annotated[float, Meta(gt=0)] = 0.1
    depth: int | None = 4
    criterion: Literal["gini", "entropy"] = "gini"
    small: Annotated[int, Meta(extra={"at_most": "large"})] = 8
    large: int = 13


def _declared() -> dict[str, Allowed]:
    found = declared(SOURCE)
    assert found is not None
    return found


def test_the_names_are_read_without_importing_the_model() -> None:
    assert " ".join(_declared()) == (
        "seed rate criterion depth fast note path margin dropout open level power either side even small large"
    )


@pytest.mark.parametrize("source", ["", "x = 1", "class Hyperparameters(", "def f():\n    class Hyperparameters: ..."])
def test_a_module_without_the_class_declares_nothing(source: str) -> None:
    assert declared(source) is None


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("seed", 3, 3),
        ("seed", 3.0, 3),
        ("seed", "3.0", 3),
        ("rate", "0.01", 0.01),
        ("rate", 1, 1.0),
        ("criterion", "entropy", "entropy"),
        ("depth", "none", None),
        ("depth", "7", 7),
        ("fast", "true", True),
        ("fast", False, False),
        ("note", "true", "true"),
        ("path", [1], [1]),
        ("seed", "9007199254740992", 2**53),
        ("dropout", "0", 0.0),
        ("level", "9", 9),
        ("power", None, None),
        ("power", "-3", -3),
        ("either", "x", "x"),
        ("side", "352", 352),
        ("even", -4, -4),
    ],
)
def test_a_value_is_read_in_its_type_of_a_text_too(name: str, value: Any, read: Any) -> None:
    found = _declared()[name].read(value)
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("seed", -1, "a whole number at least 0"),
        ("seed", "2.5", "a whole number at least 0"),
        ("seed", True, "a whole number at least 0"),
        ("seed", "none", "a whole number at least 0"),
        ("rate", 0, "a number above 0 and at most 1"),
        ("rate", "fast", "a number above 0 and at most 1"),
        ("rate", math.nan, "a number above 0 and at most 1"),
        ("rate", "inf", "a number above 0 and at most 1"),
        ("rate", 10**400, "a number above 0 and at most 1"),
        ("seed", 10**400, f"a whole number at least 0, {ROUNDED}"),
        ("seed", 2**53 + 1, f"a whole number at least 0, {ROUNDED}"),
        ("seed", "9007199254740993", f"a whole number at least 0, {ROUNDED}"),
        ("seed", 2.0**60, f"a whole number at least 0, {ROUNDED}"),
        ("seed", "1_000", "a whole number at least 0"),
        ("seed", "\u0663", "a whole number at least 0"),
        ("rate", "0.1_0", "a number above 0 and at most 1"),
        ("rate", "\u0660.5", "a number above 0 and at most 1"),
        ("dropout", 1, "a number at least 0 and below 1"),
        ("dropout", -0.1, "a number at least 0 and below 1"),
        ("open", 0, "a number above 0 and below 1"),
        ("open", "1.0", "a number above 0 and below 1"),
        ("level", 0, "a whole number from 1 to 9 or none"),
        ("power", 7, "a whole number below 5 or none"),
        ("side", 321, "a whole number from 64 to 1024, a multiple of 32"),
        ("side", 2048, "a whole number from 64 to 1024, a multiple of 32"),
        ("even", 3, "a whole number, a multiple of 2"),
        ("criterion", "best", "gini, entropy"),
        ("depth", "deep", "a whole number or none"),
        ("fast", 1, "true or false"),
        ("note", 3, "a text"),
        ("margin", 6, "a number from -5 to 5"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_is_allowed(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"^{allowed}$"):
        _declared()[name].read(value)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, []),
        ({"small": 13}, []),
        ({"small": 300, "large": "300"}, []),
        ({"small": "300", "large": 100}, [("small", "at most large, which is 100")]),
        ({"small": 14}, [("small", "at most large, which is 13")]),
        ({"large": 7}, [("large", "at least small, which is 8 where nothing is said")]),
    ],
)
def test_what_does_not_go_with_another_is_found(given: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert list(too_large(_declared(), given)) == found


def test_training_reads_its_settings_by_the_same_rule() -> None:
    given = parse(Hyperparameters, {"seed": "7.0", "rate": "1e-2", "depth": "none"})
    assert given == Hyperparameters(seed=7, rate=0.01, depth=None)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sead": "1"}, "unknown hyperparameter 'sead=1', allowed are criterion, depth, large, rate, seed, small as "),
        ({"rate": "0"}, "hyperparameter rate is '0', must be a number above 0"),
        ({"small": "14"}, "hyperparameter small is '14', must be at most large, which is 13"),
        ({"criterion": "best"}, "hyperparameter criterion is 'best', must be gini, entropy"),
    ],
)
def test_training_names_what_is_allowed(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        parse(Hyperparameters, settings)
