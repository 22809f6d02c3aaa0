from __future__ import annotations

from typing import Any

import pytest

from infra.provider.rollout import pending


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


def test_all_four_parts_make_a_rollout() -> None:
    assert pending(_twin(), "anomaly-1", ["scorer"]) is None


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
    assert reason in str(pending(twin, "anomaly-1", ["scorer"]))


def test_a_module_that_a_higher_layer_took_away_is_not_waited_for() -> None:
    twin = _twin()
    twin["properties"]["desired"]["modules"] = {}
    assert pending(twin, "anomaly-1", ["scorer"]) is None
