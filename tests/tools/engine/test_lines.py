"""The engine's events by the line: each once, none too wide, in words that a reader knows."""

from __future__ import annotations

from typing import Any

import pytest

from tools.engine.__main__ import _lines_of
from tools.engine.events import changes, event_of, value_at
from tools.engine.lines import Lines

IMAGE = "mledge:docker:Image"
ROLE = "azure-native:authorization:RoleAssignment"
ACR_PULL = (
    f"/subscriptions/{'a' * 36}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(clock: Clock) -> Lines:
    return Lines(80, clock)


def step(op: str, kind: str = IMAGE, name: str = "anomaly", **more: Any) -> dict[str, Any]:
    state = {"custom": not kind.startswith("edgeway:"), "inputs": more.pop("inputs", {})}
    urn = f"urn:pulumi:local::edgeway::edgeway:infra:Part${kind}::{name}"
    return {"metadata": {"op": op, "urn": urn, "type": kind, "new": state, **more.pop("metadata", {})}, **more}


def said(message: str, name: str = "anomaly", kind: str = IMAGE, **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:local::edgeway::edgeway:infra:Part${kind}::{name}"
    return {"diagnosticEvent": {"urn": urn, "message": message, "severity": "info", **more}}


def test_a_step_is_one_line_with_the_resource_what_happened_and_the_seconds(lines: Lines, clock: Clock) -> None:
    assert lines.of({"resourcePreEvent": step("create")}) == []
    clock.now = 12.34
    assert lines.of({"resOutputsEvent": step("create")}) == [" +  created     12.3 s  Image anomaly"]
    assert lines.of({"resOutputsEvent": step("create")}) == []


def test_what_stays_and_what_is_made_of_others_is_no_event(lines: Lines) -> None:
    for event in (
        step("same"),
        step("read"),
        step("create", "edgeway:infra:Model"),
        step("create", "pulumi:pulumi:Stack"),
    ):
        assert lines.of({"resourcePreEvent": event}) == lines.of({"resOutputsEvent": event}) == []


def test_a_replacement_is_the_new_one_and_the_end_of_the_old_one(lines: Lines) -> None:
    told = []
    for op in ("create-replacement", "replace", "delete-replaced"):
        told += lines.of({"resourcePreEvent": step(op)}) + lines.of({"resOutputsEvent": step(op)})
    assert [line.split()[1] for line in told] == ["replaced", "deleted"]
    planned = [
        line
        for op in ("create-replacement", "replace", "delete-replaced")
        for line in lines.of({"resourcePreEvent": step(op, planning=True)})
    ]
    assert [line.split()[:2] for line in planned] == [["+-", "replace"]]


def test_a_role_is_told_by_its_name(lines: Lines) -> None:
    event = step("create", ROLE, "scoring-pull-registry", inputs={"roleDefinitionId": ACR_PULL}, planning=True)
    assert lines.of({"resourcePreEvent": event}) == [" +  create    AcrPull for scoring-pull-registry"]


def test_what_changes_is_told_with_short_values_and_cut_at_the_width(lines: Lines) -> None:
    old = {"size": {"cpu": 1}, "image": "x" * 100, "key": "[secret]"}
    new = {"size": {"cpu": 2}, "image": "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "key": "[secret]", "max_depth": 3}
    paths: dict[str, Any] = {key: {} for key in ("size.cpu", "max_depth", "image", "key")}
    diff = {"old": {"custom": True, "inputs": old}, "new": {"custom": True, "inputs": new}, "detailedDiff": paths}
    assert list(changes(diff)) == ["size.cpu 1 -> 2", "max_depth none -> 3", "image", "key"]
    (line,) = lines.of({"resourcePreEvent": step("update", planning=True, metadata=diff)})
    assert line == " ~  update    Image anomaly               size.cpu 1 -> 2, 3 more"
    (line,) = Lines(120).of({"resourcePreEvent": step("update", planning=True, metadata=diff)})
    assert line.endswith("  size.cpu 1 -> 2, max_depth none -> 3, image, key")


def test_paths_are_read_as_the_engine_spells_them() -> None:
    values = {"$a": {"b.c": [{"image": "i"}]}}
    assert value_at(values, '$a["b.c"][0].image') == "i"


def test_the_same_words_about_one_resource_are_told_once_and_progress_not_at_all(lines: Lines) -> None:
    warning = said("moves\n", severity="warning")
    assert lines.of(warning) == ["warning: Image anomaly: moves"]
    assert lines.of(warning) == []
    assert lines.of(said("pushing: 1 of 7 layers", ephemeral=True)) == []
    assert lines.of(said("beginning rpc", severity="debug")) == []
    assert lines.of(said("update failed", severity="error")) == []


def test_no_line_of_a_long_error_is_wider_than_the_terminal(lines: Lines) -> None:
    told = lines.of(said("training failed:\n" + "word " * 60 + "\n" + "x" * 300, severity="error"))
    assert max(map(len, told)) <= 80
    assert "".join(told).replace(" ", "").count("x") == 300
    long = step("create", ROLE, "n" * 90, inputs={"roleDefinitionId": ACR_PULL}, planning=True)
    (row,) = lines.of({"resourcePreEvent": long})
    assert len(row) == 80 and row.endswith("...")


def test_what_takes_long_is_told_of_now_and_then_with_its_newest_status(lines: Lines, clock: Clock) -> None:
    lines.of({"resourcePreEvent": step("create")})
    lines.of(said("pushing: 1 of 7 layers", ephemeral=True))
    clock.now = 19
    assert lines.tick() == []
    clock.now = 20
    assert lines.tick() == [" .. creating    20.0 s  Image anomaly               pushing: 1 of 7 layers"]
    assert lines.tick() == []
    clock.now = 40
    assert lines.tick() == [" .. creating    40.0 s  Image anomaly"]


def test_a_failure_has_its_row_and_is_counted(lines: Lines, clock: Clock) -> None:
    lines.of({"resourcePreEvent": step("update")})
    clock.now = 3
    assert lines.of({"resOpFailedEvent": step("update")}) == [
        " !  failed       3.0 s  Image anomaly               update"
    ]
    summary = {"summaryEvent": {"resourceChanges": {"same": 4, "create": 1, "replace": 2}}}
    assert lines.of(summary) == ["1 created, 2 replaced, 1 failed, 4 unchanged (3.0 s)"]


def test_a_plan_is_summed_up_as_a_plan(lines: Lines) -> None:
    summary = {"summaryEvent": {"isPreview": True, "resourceChanges": {"same": 61}}}
    assert lines.of(summary) == ["61 unchanged (0.0 s)"]
    summary["summaryEvent"]["resourceChanges"] = {"delete": 1}
    assert lines.of(summary) == ["1 to delete (0.0 s)"]


@pytest.mark.parametrize("preview", [True, False])
def test_a_refused_program_touches_nothing_though_pulumi_counts_the_stack(lines: Lines, preview: bool) -> None:
    summary = {"summaryEvent": {"isPreview": preview, "resourceChanges": {"create": 1}}}
    stack = step("create", "pulumi:pulumi:Stack", planning=preview)
    told = lines.of({"resourcePreEvent": stack}) + lines.of(said("it is refused", severity="error"))
    assert told == ["error: Image anomaly: it is refused"]
    assert lines.of(summary) == ["failed, no resource was touched (0.0 s)"]


def test_a_refresh_tells_what_it_found_other_than_it_was(lines: Lines) -> None:
    for name, found in (("a", "same"), ("b", "update"), ("c", "delete")):
        assert lines.of({"resourcePreEvent": step("refresh", name=name)}) == []
        told = lines.of({"resOutputsEvent": step(found, name=name)})
        assert [line.split()[1] for line in told] == {"same": [], "update": ["updated"], "delete": ["deleted"]}[found]


def test_what_is_no_event_is_not_taken_for_one() -> None:
    assert event_of("error: no stack named 'x' found") is None
    assert event_of('{"steps": []}') is None
    assert event_of("17") is None


def test_an_event_of_another_shape_is_named_and_ends_no_run(lines: Lines) -> None:
    told = _lines_of('{"sequence": 1, "timestamp": 2, "resourcePreEvent": {}}', lines)
    assert told == ["(resourcePreEvent: an event of a shape that is not known here)"]
    assert _lines_of("no event\n", lines) == ["no event"]
