from __future__ import annotations

from typing import Any

import pytest

from cloud.arrival import arrival_at_device, is_applied


def _twin() -> dict[str, Any]:
    module = {"settings": {"image": "scorer@sha256:1"}, "status": "running"}
    return {
        "configurations": {"anomaly-1": {"status": "Applied"}},
        "properties": {
            "desired": {"$version": 4, "modules": {"scorer": module}},
            "reported": {
                "lastDesiredVersion": 4,
                "lastDesiredStatus": {"code": 200},
                "modules": {"scorer": {"runtimeStatus": "running", "settings": {"image": "scorer@sha256:1"}}},
            },
        },
    }


def _lack(twin: dict[str, Any]) -> str | None:
    return arrival_at_device(twin).lack("anomaly-1", ["scorer"])


def test_all_four_parts_make_an_arrival() -> None:
    arrival = arrival_at_device(_twin())
    assert arrival.lack("anomaly-1", ["scorer"]) is None
    assert (arrival.applied, arrival.targeted) == (("anomaly-1",), ())
    assert (arrival.has_seen_desired, arrival.is_carried_out, arrival.runs_desired) == (True, True, True)


@pytest.mark.parametrize("status", ["Applied", "applied"])
def test_both_of_microsofts_spellings_of_applied_count(status: str) -> None:
    twin = _twin()
    twin["configurations"]["anomaly-1"]["status"] = status
    assert is_applied(status)
    assert _lack(twin) is None


def test_what_is_only_targeted_is_told_apart_from_what_is_applied() -> None:
    twin = _twin()
    twin["configurations"]["older"] = {"status": "Targeted"}
    assert arrival_at_device(twin).targeted == ("older",)


def test_a_deployment_without_modules_need_not_be_applied_to_the_agent() -> None:
    twin = _twin()
    twin["configurations"] = {}
    assert arrival_at_device(twin).lack("routes-1", []) is None


def test_system_modules_are_facts_but_no_deployment_waits_for_them() -> None:
    twin = _twin()
    twin["properties"]["desired"]["systemModules"] = {"edgeHub": {"settings": {"image": "hub:1"}}}
    arrival = arrival_at_device(twin)
    assert [(module.name, module.is_system, module.has_arrived) for module in arrival.modules] == [
        ("edgeHub", True, False),
        ("scorer", False, True),
    ]
    assert not arrival.runs_desired
    assert arrival.lack("anomaly-1", ["scorer", "edgeHub"]) is None


def test_an_agent_that_has_reported_nothing_is_an_agent_that_has_seen_nothing() -> None:
    twin = _twin()
    del twin["properties"]["reported"]
    assert _lack(twin) == "the agent has seen version none of 4"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda t: t.pop("configurations"), "the deployment is not targeted"),
        (lambda t: t["configurations"]["anomaly-1"].update(status="Targeted"), "is Targeted, Applied is wanted"),
        (lambda t: t["properties"]["reported"].update(lastDesiredVersion=3), "has seen version 3 of 4"),
        (lambda t: t["properties"]["reported"].update(lastDesiredStatus={"code": 406}), "the agent reports 406"),
        (lambda t: t["properties"]["reported"].pop("modules"), "module 'scorer' is not reported"),
        (
            lambda t: t["properties"]["reported"]["modules"]["scorer"].update(
                runtimeStatus="backoff", statusDescription="exit 1"
            ),
            "module 'scorer' is backoff (exit 1), running is wanted",
        ),
        (
            lambda t: t["properties"]["reported"]["modules"]["scorer"].update(settings={"image": "old"}),
            "module 'scorer' runs old, scorer@sha256:1 is wanted",
        ),
    ],
)
def test_each_part_that_is_missing_is_named(spoil: Any, reason: str) -> None:
    twin = _twin()
    spoil(twin)
    assert reason in str(_lack(twin))


def test_a_module_that_a_higher_layer_took_away_is_not_waited_for() -> None:
    twin = _twin()
    twin["properties"]["desired"]["modules"] = {}
    assert _lack(twin) is None


def _stamp(minute: int) -> dict[str, str]:
    return {"$lastUpdated": f"2026-11-28T12:{minute:02d}:00.1234567Z"}


def test_a_device_runs_what_it_runs_from_the_newest_word_of_version_and_modules_on() -> None:
    twin = _twin()
    twin["properties"]["desired"]["systemModules"] = {"edgeHub": {"settings": {"image": "hub:1"}}}
    scorer = {"settings": {"image": _stamp(1)}, "lastStartTimeUtc": _stamp(3), "runtimeStatus": _stamp(2)}
    metadata = {"lastDesiredVersion": _stamp(0), "systemModules": {"edgeHub": {"runtimeStatus": _stamp(9)}}}
    twin["properties"]["reported"]["$metadata"] = {**metadata, "modules": {"scorer": scorer, "gone": _stamp(8)}}
    since = arrival_at_device(twin).since
    assert since is not None
    assert since.isoformat() == "2026-11-28T12:03:00.123456+00:00"

    metadata["lastDesiredVersion"] = _stamp(5)
    twin["properties"]["reported"]["$metadata"] = {**metadata, "modules": {"scorer": "odd"}}
    assert (since := arrival_at_device(twin).since) and since.minute == 5

    twin["properties"]["reported"]["$metadata"] = {"lastDesiredVersion": {"$lastUpdated": "soon"}}
    assert arrival_at_device(twin).since is None


@pytest.mark.parametrize("odd", [None, [], "x", 5, True, float("nan"), {"x": None}, [1]])
@pytest.mark.parametrize(
    "path",
    [
        "configurations",
        "configurations.anomaly-1",
        "properties",
        "properties.reported",
        "properties.reported.lastDesiredVersion",
        "properties.reported.lastDesiredStatus",
        "properties.reported.lastDesiredStatus.code",
        "properties.reported.modules",
        "properties.reported.modules.scorer",
        "properties.reported.modules.scorer.settings",
        "properties.reported.modules.scorer.runtimeStatus",
    ],
)
def test_a_part_of_another_shape_than_the_agents_is_a_lack(path: str, odd: Any) -> None:
    twin = _twin()
    *parents, last = path.split(".")
    node = twin
    for name in parents:
        node = node[name]
    node[last] = odd

    assert _lack(twin) is not None


def test_a_restart_count_that_is_no_number_counts_as_none() -> None:
    twin = _twin()
    twin["properties"]["reported"]["modules"]["scorer"]["restartCount"] = "often"

    assert [module.restarts for module in arrival_at_device(twin).modules] == [0]
