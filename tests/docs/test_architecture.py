"""docs/architecture.svg shows the rooms as they are, and stops whoever builds a room that it does not show."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from clone.root import ROOT
from tools.architecture import (
    PICTURE,
    PLAN,
    PlanError,
    check,
    check_order,
    draw,
    imports_between,
    packages_of_the_tree,
    read_plan,
)

PLANNED = read_plan(PLAN.read_text(encoding="utf-8"))


def test_the_picture_is_what_the_script_draws() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(), "python -m tools.architecture draws it anew"


def test_the_picture_is_shown_by_its_page_and_the_page_by_the_readme() -> None:
    assert f"({PICTURE.name})" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "(docs/architecture.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_package_without_a_room_is_refused() -> None:
    without_cli = replace(PLANNED, rooms=tuple(room for room in PLANNED.rooms if room.name != "cli"))
    with pytest.raises(PlanError, match=r"in no room of architecture\.toml: cli"):
        check(without_cli, ROOT)


def test_a_room_of_a_package_that_is_not_there_is_refused() -> None:
    moved = replace(PLANNED.rooms[0], packages=("nowhere.at_all",))
    with pytest.raises(PlanError, match=r"there is no nowhere\.at_all"):
        check(replace(PLANNED, rooms=(*PLANNED.rooms, moved)), ROOT)


def test_a_step_whose_file_moved_is_refused() -> None:
    step = replace(PLANNED.ways[0].steps[0], file="models/anomaly/gone.py")
    way = replace(PLANNED.ways[0], steps=(step,))
    with pytest.raises(PlanError, match=r"there is no models/anomaly/gone\.py"):
        check(replace(PLANNED, ways=(way,)), ROOT)


def test_an_import_that_goes_up_is_refused() -> None:
    with pytest.raises(PlanError, match="room 'contracts' imports 'cli', which does not stand below it"):
        check_order(PLANNED, [("contracts", "cli")])


def test_an_import_of_the_tree_is_seen() -> None:
    assert imports_between(PLANNED, ROOT)["cli", "cloud"] > 0


def test_every_path_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:infra|images|standin|clone|cli|edge|tools|policies)/[\w/.]+)`", page)
    missing = [path for path in named if not (ROOT / path).exists()]
    assert named and not missing


def test_tests_are_no_room() -> None:
    assert "tests" not in packages_of_the_tree(Path(ROOT))
