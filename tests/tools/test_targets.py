"""Every test is run by a target, whatever its marks: what `make test` leaves out is not lost."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from itertools import combinations

import pytest
from _pytest.mark.expression import Expression

from clone.root import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
MARKS = [line.partition(":")[0] for line in PROJECT["markers"]]
ALONE = {"e2e", "faults", "pictures", "azureml", "vm", "walk", "gpu_image"}
"""Marks with a target of their own, which runs what has one whatever else it has."""
AGAIN = ("first-contact", "properties")
"""Steps of a target of their own that run tests a second time: all that a command has, or with more examples."""


def selections() -> dict[str, str]:
    """The `-m` of each run: the unit suite's is what pytest takes where nothing is asked for."""
    (unit,) = re.findall(r"-m '([^']+)'", PROJECT["addopts"])
    script = (ROOT / "tools" / "test.sh").read_text("utf-8").replace("\\\n", "")
    steps = re.findall(r'step "([^"]+)" .*-m "([^"$]+)"', script)
    found = {title: asked for title, asked in steps if not title.startswith(AGAIN)}
    return {"unit tests": unit, **found, **{kind: kind for kind in ALONE}}


def runs(marks: Collection[str]) -> list[str]:
    def marked_so(name: str, /, **_: object) -> bool:
        return name in marks

    return [title for title, asked in selections().items() if Expression.compile(asked).evaluate(marked_so)]


def marked() -> Iterator[frozenset[str]]:
    others = [mark for mark in MARKS if mark not in ALONE]
    for count in range(len(others) + 1):
        yield from map(frozenset, combinations(others, count))


def test_there_is_a_run_for_each_step() -> None:
    assert len(selections()) == 3 + len(ALONE)


def test_a_test_of_any_marks_is_run_once() -> None:
    assert {marks: titles for marks in marked() if len(titles := runs(marks)) != 1} == {}


@pytest.mark.parametrize("kind", sorted(ALONE))
def test_a_test_of_such_a_mark_is_run_with_it_alone(kind: str) -> None:
    assert {marks: titles for marks in marked() if (titles := runs({kind, *marks})) != [kind]} == {}


def test_what_takes_long_runs_in_ci() -> None:
    assert "test-long" in (ROOT / ".github" / "workflows" / "nightly.yml").read_text("utf-8")
    assert "@tools/test.sh long" in (ROOT / "Makefile").read_text("utf-8")
