"""Both of the engine's formats, and what is neither."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from cli.errors import Refused
from cli.forecast.operations import read_operations

URN = "urn:pulumi:local::edgeway::edgeway:infra:Model$mledge:ml:TrainingRun::anomaly"


def log(*events: Mapping[str, object]) -> str:
    return "".join(json.dumps({"sequence": number, **event}) + "\n" for number, event in enumerate(events))


def done(op: str) -> dict[str, object]:
    return {"resOutputsEvent": {"metadata": {"op": op, "urn": URN, "old": {"inputs": {}}, "new": {"inputs": {}}}}}


def test_the_three_steps_of_a_replacement_are_one_operation() -> None:
    for order in (("create-replacement", "replace", "delete-replaced"), ("delete-replaced", "replace")):
        (one,) = read_operations(log(*map(done, order))).changes
        assert (one.op, one.type, one.name) == ("replace", "mledge:ml:TrainingRun", "anomaly")


def test_what_was_begun_and_failed_has_not_happened() -> None:
    begun = {"resourcePreEvent": {"metadata": {"op": "update", "urn": URN}}}
    failed = {"resOpFailedEvent": {"metadata": {"op": "update", "urn": URN}}}
    assert read_operations(log(begun, failed)).changes == []


def test_a_log_that_ends_within_a_line_says_what_stands_before_it() -> None:
    whole = log(done("update"))
    assert len(read_operations(whole + whole[:40]).changes) == 1


def test_a_refresh_changes_nothing() -> None:
    assert read_operations(log(done("refresh"), done("same"))).changes == []


@pytest.mark.parametrize("text", ["", "Previewing update (dev):", "{}", "[1, 2]", '"steps"', "3"])
def test_what_is_no_answer_of_the_engine_is_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(Refused, match="pulumi preview --json"):
        read_operations(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"steps":[{}]}', "steps[0]: has no 'op'"),
        ('{"steps":[null]}', "steps[0]: is null, must be an object"),
        ('{"steps":7}', "steps: is no list"),
        ('{"steps":[{"op":"create","urn":"nowhere"}]}', "steps[0].urn: 'nowhere' is no URN"),
        ('{"steps":[{"op":1,"urn":"a"}]}', "steps[0].op: is 1, must be a text"),
        (f'{{"steps":[{{"op":"create","urn":"{URN}","newState":[]}}]}}', "steps[0].newState: is a list"),
        (f'{{"steps":[{{"op":"same","urn":"{URN}","oldState":{{"inputs":3}}}}]}}', "steps[0].oldState.inputs: is 3"),
        ('{"changeSummary":{},"config":[]}', "config: is a list, must be an object"),
        ('{"changeSummary":{"create":"3"}}', 'changeSummary.create: is "3", must be a whole number'),
        ('{"sequence":1,"summaryEvent":{"resourceChanges":7}}', "event 1: summaryEvent.resourceChanges: is 7"),
        ('{"steps":[],"config":{"edgeway:devices":"[{}]"}}', "config.edgeway:devices[0]: has no 'id'"),
        ('{"sequence":1,"resOutputsEvent":3}', "event 1: resOutputsEvent: is no object"),
        ('{"sequence":1,"resOutputsEvent":{"metadata":null}}', "event 1: resOutputsEvent.metadata: is null"),
        ("[" * 100_000, "nested without measure"),
    ],
)
def test_what_has_another_shape_is_refused_at_its_place(text: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        read_operations(text)
    assert place in str(refused.value)


def test_a_device_without_an_id_is_refused_at_its_place() -> None:
    urn = URN.replace("mledge:ml:TrainingRun", "mledge:iothub:DeviceIdentity")
    text = json.dumps({"steps": [{"op": "create", "urn": urn, "newState": {"inputs": {"tags": {}}}}]})
    with pytest.raises(Refused, match=r"steps\[0\]\.newState\.inputs: has no 'deviceId'"):
        read_operations(text)


def test_the_engines_count_is_its_own_and_not_that_of_its_events() -> None:
    """An `up` has events of the providers that the engine makes for itself, and does not count them."""
    read = read_operations(log(done("create"), {"summaryEvent": {"resourceChanges": {"create": 4, "same": 1}}}))
    assert read.counts == {"create": 4, "same": 1}
    assert read_operations('{"changeSummary": {"delete": 2}}').counts == {"delete": 2}
