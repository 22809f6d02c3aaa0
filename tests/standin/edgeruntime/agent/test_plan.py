"""What the agent decides to do, and what it says of a module."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from standin.core.store import Store
from standin.edgeruntime.agent.deployment import read_deployment
from standin.edgeruntime.agent.device_names import DeviceNames, slug_of
from standin.edgeruntime.agent.memory import Memory
from standin.edgeruntime.agent.plan import Action, Desired, Observed, Step, make_plan
from standin.edgeruntime.agent.report import Status, reported
from standin.edgeruntime.agent.restarts import Record, backoff, runtime_status
from tests.standin.edgeruntime.agent.virtual_device import agent_desired, module

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DESIRED = Desired(name="m", fingerprint="f", running=True, restart_policy="always", order=5)
RUNNING = Observed(name="m", id="1", fingerprint="f", state="running")
EXITED = replace(RUNNING, state="exited", exit_code=1, finished="then")
DAY = timedelta(days=1)
ENDED = Record(ended=NOW - timedelta(seconds=5), ending="then")


def steps(desired: Desired | None, observed: Observed | None, record: Record | None = None) -> list[Action]:
    plan = make_plan(
        {desired.name: desired} if desired else {},
        {observed.name: observed} if observed else {},
        {"m": record} if record else {},
        NOW,
    )
    return [step.action for step in plan.steps]


def test_what_runs_as_wanted_is_left_alone() -> None:
    assert steps(DESIRED, RUNNING) == []


@pytest.mark.parametrize(
    ("desired", "observed", "record", "action"),
    [
        (DESIRED, None, None, Action.CREATE),
        (replace(DESIRED, fingerprint="other"), RUNNING, None, Action.CREATE),
        (DESIRED, replace(RUNNING, state="dead"), None, Action.CREATE),
        (None, RUNNING, None, Action.REMOVE),
        (replace(DESIRED, running=False), RUNNING, None, Action.STOP),
        (DESIRED, replace(RUNNING, state="created"), None, Action.START),
        (DESIRED, EXITED, replace(ENDED, resting=True), Action.START),
        (DESIRED, EXITED, replace(ENDED, ended=NOW - timedelta(seconds=10)), Action.RESTART),
        (replace(DESIRED, restart_policy="on-failure"), EXITED, replace(ENDED, ended=NOW - DAY), Action.RESTART),
    ],
)  # fmt: skip
def test_each_difference_has_its_step(
    desired: Desired | None, observed: Observed | None, record: Record | None, action: Action
) -> None:
    assert steps(desired, observed, record) == [action]


@pytest.mark.parametrize(
    ("desired", "observed", "record"),
    [
        (replace(DESIRED, running=False), EXITED, None),
        (replace(DESIRED, restart_policy="never"), EXITED, ENDED),
        (replace(DESIRED, restart_policy="on-failure"), replace(EXITED, exit_code=0), ENDED),
        (DESIRED, EXITED, ENDED),
        (DESIRED, EXITED, replace(ENDED, ended=NOW - DAY, restarts=20)),
    ],
    ids=["desired stopped", "never", "on-failure after success", "in backoff", "given up"],
)
def test_what_ended_stays_where_it_is(desired: Desired, observed: Observed, record: Record | None) -> None:
    assert steps(desired, observed, record) == []


def test_the_backoff_doubles_to_five_minutes_and_the_plan_knows_when_to_come_again() -> None:
    assert [backoff(count).seconds for count in range(7)] == [10, 20, 40, 80, 160, 300, 300]
    plan = make_plan({"m": DESIRED}, {"m": EXITED}, {"m": replace(ENDED, restarts=2)}, NOW)
    assert plan.due == NOW + timedelta(seconds=35)


def test_modules_start_in_their_order_and_what_goes_goes_first() -> None:
    desired = {name: replace(DESIRED, name=name, order=order) for name, order in (("b", 1), ("a", 1), ("c", 0))}
    plan = make_plan(desired, {"old": replace(RUNNING, name="old")}, {}, NOW)
    assert plan.steps == (
        Step(Action.REMOVE, "old"),
        Step(Action.CREATE, "c"),
        Step(Action.CREATE, "a"),
        Step(Action.CREATE, "b"),
    )


@pytest.mark.parametrize(
    ("state", "exit_code", "policy", "record", "desired", "status"),
    [
        ("running", 0, "always", Record(), "running", "running"),
        ("exited", 0, "always", Record(), "running", "backoff"),
        ("exited", 1, "always", Record(restarts=20), "running", "failed"),
        ("exited", 1, "never", Record(), "running", "failed"),
        ("exited", 0, "never", Record(), "running", "stopped"),
        ("exited", 137, "always", Record(), "stopped", "stopped"),
        ("dead", 0, "always", Record(), "running", "dead"),
    ],
)
def test_the_twin_says_how_a_module_stands(
    state: str, exit_code: int, policy: str, record: Record, desired: str, status: str
) -> None:
    assert runtime_status(state, exit_code, policy, record, desired=desired) == status


def report(desired: dict[str, Any], observed: dict[str, Observed], **more: Any) -> dict[str, Any]:
    return reported(
        read_deployment(desired),
        status=more.get("status", Status(200)),
        desired_version=4,
        observed=observed,
        records={},
        failures=more.get("failures", {}),
        powered="2026-11-21T12:00:00Z",
    )


def test_the_report_names_what_runs_and_hides_credentials() -> None:
    desired = agent_desired(m={**module("a/b@sha256:0"), "version": "1.0", "startupOrder": 2})
    desired["runtime"]["settings"]["registryCredentials"] = {
        "r": {"address": "a", "username": "u", "password": "hidden"}
    }
    document = report(desired, {"m": replace(RUNNING, started="then", image="sha256:9")})
    one = document["modules"]["m"]
    assert (one["runtimeStatus"], one["version"], one["startupOrder"]) == ("running", "1.0", 2)
    assert one["settings"] == {"image": "a/b@sha256:0", "imageHash": "sha256:9", "createOptions": "{}"}
    assert (document["lastDesiredVersion"], document["lastDesiredStatus"]["code"]) == (4, 200)
    assert set(document["systemModules"]) == {"edgeAgent", "edgeHub"}
    assert "hidden" not in str(document)


def test_a_module_whose_new_image_could_not_be_pulled_is_reported_with_the_one_that_runs() -> None:
    running = {"m": replace(RUNNING, made_of="a/b:1")}
    one = report(agent_desired(m=module("a/b:2")), running, failures={"m": "pull access denied"})["modules"]["m"]
    assert (one["runtimeStatus"], one["statusDescription"]) == ("running", "pull access denied")
    assert one["settings"]["image"] == "a/b:1"


def test_a_module_that_could_not_be_made_is_unknown_and_says_why() -> None:
    one = report(agent_desired(m=module()), {}, failures={"m": "no such image"})["modules"]["m"]
    assert (one["runtimeStatus"], one["statusDescription"]) == ("unknown", "no such image")


def test_the_memory_survives_and_forgets(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    memory = Memory(store, "hub.azure-devices.net", "d")
    memory.settle(slug="d", powered_on="then")
    memory.put_in_force({"schemaVersion": "1.1"})
    memory.remember("m", Record(restarts=3, last_restart=NOW, ended=NOW, ending="x"))
    memory.set_power(False, powered_on="")
    again = Memory(store, "HUB.azure-devices.net", "d")
    assert (again.powered, again.in_force) == (False, {"schemaVersion": "1.1"})
    assert again.records == {"m": Record(restarts=3, last_restart=NOW, ended=NOW, ending="x")}
    again.set_power(True, powered_on="now")
    assert again.record("m").resting, "after a loss of power nothing waits for its backoff"
    again.forget()
    assert Memory(store, "hub.azure-devices.net", "d").records == {}
    store.close()


def test_names_that_docker_or_dns_do_not_take_are_made_safe_and_stay_distinct() -> None:
    assert slug_of("h", "edge-01", taken=False) == "edge-01"
    odd, other = slug_of("h", "a:b", taken=False), slug_of("h", "a;b", taken=False)
    assert odd.startswith("a-b-") and odd != other
    assert slug_of("h1", "edge-01", taken=True) != slug_of("h2", "edge-01", taken=True)
    names = DeviceNames(host="h", device="Edge-01", slug="Edge-01", prefix="edgeway-abc123-", folder=Path("/x"))
    assert names.container("edgeHub") == "edgeway-abc123-Edge-01-edgeHub"
    assert names.gateway == "edge-01"
    assert names.address.startswith("127.")
