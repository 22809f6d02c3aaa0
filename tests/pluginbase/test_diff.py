from __future__ import annotations

import pytest

from pluginbase.diff import Change, changes, parse, render, without
from pluginbase.values import UNKNOWN, Path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b", 0), "a.b[0]"),
        (("tags", "x.y"), 'tags["x.y"]'),
        (("tags", 'q"q', "z"), 'tags["q\\"q"].z'),
        (("a", "$edgeHub"), "a.$edgeHub"),
    ],
)
def test_paths_are_written_as_the_engine_reads_them(path: Path, text: str) -> None:
    assert render(path) == text
    assert parse(text) == path


def test_each_kind_of_change_is_found() -> None:
    old = {"same": 1, "gone": 1, "list": [1, 2], "deep": {"x": {"y": 1}}}
    new = {"same": 1.0, "come": None, "list": [1, 3, 4], "deep": {"x": {"y": 2}}}

    assert [(change.text, change.kind) for change in changes(old, new)] == [
        ("come", "add"),
        ("deep.x.y", "update"),
        ("gone", "delete"),
        ("list[1]", "update"),
        ("list[2]", "add"),
    ]


def test_true_is_not_one() -> None:
    assert changes({"a": True}, {"a": 1}) == [Change(("a",), "update")]


def test_an_unknown_is_a_change_even_from_an_unknown() -> None:
    assert changes({"a": UNKNOWN}, {"a": UNKNOWN}) == [Change(("a",), "update")]


def test_a_change_below_a_replacing_path_replaces() -> None:
    old = {"containers": [{"name": "a", "image": "1", "resources": {"cpu": 1}}]}
    new = {"containers": [{"name": "a", "image": "2", "resources": {"cpu": 2}}]}

    found = changes(old, new, ["containers[*].resources"])

    assert {change.text: change.replace for change in found} == {
        "containers[0].image": False,
        "containers[0].resources.cpu": True,
    }


def test_the_loss_of_what_holds_a_replacing_path_replaces() -> None:
    assert changes({"containers": [{"name": "a"}]}, {}, ["containers[*].name"])[0].replace


def test_ignored_changes_are_left_out_with_all_below_them() -> None:
    found = changes({}, {"properties": {"traffic": {"blue": 1}, "mode": "Key"}}) + changes(
        {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}
    )

    assert [change.text for change in without(found, ["properties", "a.b"])] == ["a.c"]


def test_ignoring_a_part_does_not_hide_the_whole() -> None:
    found = changes({}, {"properties": {"traffic": {}}})

    assert without(found, ["properties.traffic"]) == found
