"""`/_standin/`: health, clock, faults, reset and the list of what is alive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from standin.core.auth import DEPLOYER_OBJECT_ID, SUBSCRIPTION_ID
from tests.standin.running import RunningStandin
from tests.waiting import DEADLINE_S, until

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-surface"
PLACE = {"location": "westeurope"}


def test_health_names_the_deployer_on_both_addresses(azure: RunningStandin) -> None:
    for base in (azure.control, "https://standin.edgeway.internal/_standin"):
        health = requests.get(f"{base}/health", timeout=DEADLINE_S).json()
        assert (health["status"], health["profile"]) == ("ready", "fast")
        assert health["deployer"]["objectId"] == DEPLOYER_OBJECT_ID


def test_azures_hosts_do_not_serve_the_control_surface(azure: RunningStandin) -> None:
    assert requests.get("https://management.azure.com/_standin/health", timeout=DEADLINE_S).status_code == 401
    assert requests.get("https://x.blob.core.windows.net/_standin/health", timeout=DEADLINE_S).status_code == 404


def test_the_clock_goes_forward_only(azure: RunningStandin) -> None:
    before = requests.get(f"{azure.control}/clock", timeout=DEADLINE_S).json()["time"]
    after = requests.post(f"{azure.control}/clock", json={"advanceSeconds": 86400}, timeout=DEADLINE_S).json()["time"]
    assert after > before
    for wrong in (-1, "x", True, None):
        answer = requests.post(f"{azure.control}/clock", json={"advanceSeconds": wrong}, timeout=DEADLINE_S)
        assert answer.status_code == 400
        assert repr(wrong) in answer.json()["error"]["message"]


def test_a_fault_strikes_as_often_as_asked(azure: RunningStandin) -> None:
    fault = {"host": "management.azure.com", "path": "rg-surface", "status": 503, "count": 2}
    requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).raise_for_status()
    answers = [azure.arm("GET", GROUP).status_code for _ in range(3)]
    assert answers == [503, 503, 404]


def test_a_fault_may_answer_a_body_of_its_own_after_requests_that_pass(azure: RunningStandin) -> None:
    fault = {"host": "management.azure.com", "path": "rg-surface", "status": 200, "after": 1, "body": {"name": "other"}}
    requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).raise_for_status()

    first, second, third = (azure.arm("GET", GROUP) for _ in range(3))

    assert (first.status_code, third.status_code) == (404, 404)
    assert (second.status_code, second.json()) == (200, {"name": "other"})


def test_a_reset_breaks_the_connection(azure: RunningStandin) -> None:
    fault = {"host": "management.azure.com", "reset": True}
    requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).raise_for_status()
    with pytest.raises(requests.ConnectionError):
        azure.arm("GET", GROUP)
    assert azure.arm("GET", GROUP).status_code == 404


@pytest.mark.parametrize("released", ["", "/held"])
def test_an_answer_is_kept_back_until_it_is_released_and_what_was_asked_is_done(
    azure: RunningStandin, released: str
) -> None:
    fault = {"host": "management.azure.com", "method": "PUT", "hold": True}
    requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).raise_for_status()
    faults = f"{azure.control}/faults"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(azure.arm, "PUT", GROUP, PLACE)
        until("it is held", lambda: requests.get(faults, timeout=DEADLINE_S).json()["held"] == 1)
        assert azure.arm("GET", GROUP).status_code == 200
        assert not asked.done()
        requests.delete(faults + released, timeout=DEADLINE_S)
        assert asked.result(DEADLINE_S).ok
    assert requests.get(faults, timeout=DEADLINE_S).json()["held"] == 0


@pytest.mark.parametrize("fault", [{"status": 302}, {"count": 0}, {"hots": "x"}, {"status": "503"}, {"after": -1}])
def test_a_fault_that_makes_no_sense_is_refused(azure: RunningStandin, fault: dict[str, object]) -> None:
    assert requests.post(f"{azure.control}/faults", json=fault, timeout=DEADLINE_S).status_code == 400


def test_a_device_is_cut_and_restored(azure: RunningStandin) -> None:
    cut = requests.post(f"{azure.control}/faults/cut", json={"device": "Edge-01"}, timeout=DEADLINE_S).json()
    assert cut["cutDevices"] == ["edge-01"]
    assert azure.do(lambda base: base.faults.is_cut("edge-01"))
    requests.post(f"{azure.control}/faults/cut", json={"device": "edge-01", "cut": False}, timeout=DEADLINE_S)
    assert not azure.do(lambda base: base.faults.is_cut("edge-01"))


def test_reset_leaves_nothing_alive(azure: RunningStandin) -> None:
    azure.arm("PUT", GROUP, PLACE)
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a"
    logs = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-a"
    for path in (identity, logs):
        assert azure.arm("PUT", path, PLACE).status_code == 201
    azure.arm("DELETE", logs)
    alive = requests.get(f"{azure.control}/resources", timeout=DEADLINE_S).json()
    assert (alive["groups"], alive["resources"], alive["deleted"]) == ([GROUP], [identity], [logs])
    left = requests.post(f"{azure.control}/reset", timeout=DEADLINE_S).json()
    assert {name: found for name, found in left.items() if found} == {}
