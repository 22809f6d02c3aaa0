from __future__ import annotations

from typing import Any

import pytest

from standin.containerinstance.instance_view import container_view, current_state, group_state, state_of
from standin.containers.group.live import Live

NEVER = "0001-01-01T00:00:00Z"
THEN = "2026-11-21T12:00:00Z"


def inspected(status: str, *, code: int = 0, restarts: int = 0, oom: bool = False) -> dict[str, Any]:
    state = {"Status": status, "ExitCode": code, "StartedAt": THEN, "FinishedAt": THEN, "OOMKilled": oom}
    return {"State": state, "RestartCount": restarts}


@pytest.mark.parametrize(
    ("docker", "azure"),
    [
        (inspected("running"), ("Running", "")),
        (inspected("restarting", code=1), ("Waiting", "CrashLoopBackOff")),
        (inspected("exited"), ("Terminated", "Completed")),
        (inspected("exited", code=3), ("Terminated", "Error")),
        (inspected("exited", code=137, oom=True), ("Terminated", "OOMKilled")),
        (None, ("Waiting", "Creating")),
    ],
)
def test_docker_s_states_in_azure_s_words(docker: dict[str, Any] | None, azure: tuple[str, str]) -> None:
    state = current_state(docker)
    assert (state["state"], state["detailStatus"]) == azure


@pytest.mark.parametrize(
    ("containers", "group"),
    [
        ([inspected("running"), inspected("exited", code=1)], "Running"),
        ([inspected("exited"), inspected("exited")], "Succeeded"),
        ([inspected("exited"), inspected("exited", code=1)], "Failed"),
        ([inspected("restarting")], "Pending"),
        ([], "Pending"),
    ],
)
def test_the_state_of_the_group_follows_its_containers(containers: list[dict[str, Any]], group: str) -> None:
    assert group_state([current_state(each) for each in containers], stopped=False) == group


def test_a_stopped_group_says_so_whatever_its_containers_were() -> None:
    assert group_state([current_state(inspected("exited", code=137))], stopped=True) == "Stopped"


def test_a_vanished_container_fails_the_group() -> None:
    gone, runs = Live(vanished=True), Live(inspected=inspected("running"))
    assert group_state([state_of(gone), state_of(runs)], stopped=False) == "Failed"


def test_restarts_of_docker_and_of_probes_add_up() -> None:
    assert container_view(Live(inspected=inspected("running", restarts=2)), 3)["restartCount"] == 5


def test_the_same_event_counts_up_and_old_ones_go() -> None:
    live = Live()
    live.note("Unhealthy", "no", "t1", warning=True)
    live.note("Unhealthy", "no", "t2", warning=True)
    (event,) = container_view(live, 0)["events"]
    assert (event["count"], event["firstTimestamp"], event["lastTimestamp"]) == (2, "t1", "t2")
    for number in range(100):
        live.note("Started", str(number), "t")
    assert len(live.events) == 50
