"""After a purge of Application Insights nothing of it is in the group, at the stand-in, which adds what Azure adds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud.arm import Arm
from cloud.purge import purge
from cloud.sessions import forget_sessions
from standin.core.auth import SUBSCRIPTION_ID
from tests.infra.provider.recorder import Recorder
from tests.standin.running import RunningStandin, running_standin

GROUP = f"/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/rg-theirs"
COMPONENT = f"{GROUP}/providers/Microsoft.Insights/components"


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    with running_standin(tmp_path, services=()) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


def test_a_group_that_stays_is_empty_after_the_last_component(azure: RunningStandin) -> None:
    def left() -> list[str]:
        return [str(one["name"]) for one in azure.arm("GET", f"{GROUP}/resources").json()["value"]]

    assert azure.arm("PUT", GROUP, {"location": "westeurope"}).status_code == 201
    for name in ("appi-1", "appi-2"):
        body = {"location": "westeurope", "kind": "web", "properties": {"Application_Type": "web"}}
        assert azure.arm("PUT", f"{COMPONENT}/{name}", body).status_code < 300

    purge(Recorder(), Arm(Recorder()), "insights", f"{COMPONENT}/appi-1", "westeurope")
    assert sorted(left()) == ["Application Insights Smart Detection", "Failure Anomalies - appi-2", "appi-2"]
    purge(Recorder(), Arm(Recorder()), "insights", f"{COMPONENT}/appi-2", "westeurope")
    assert left() == []
