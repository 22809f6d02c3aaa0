"""Questions about sizes and cores of virtual machines, asked of the stand-in and not of answers that we wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.needs.kubernetes import kubernetes
from cli.needs.subscription import Place
from cloud.sessions import forget_sessions
from standin.core.auth import SUBSCRIPTION_ID
from tests.cli.needs.fake_azure import azure as names_of
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.slow


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStandin]:
    with running_standin(tmp_path / "standin", services=("compute",)) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        forget_sessions()
        yield running
        forget_sessions()


def found(**cluster: Any) -> dict[str, Any]:
    config = {"location": "westeurope", "computes": [{"name": "aks", "kind": "kubernetes", **cluster}]}
    place = Place(id=SUBSCRIPTION_ID, config=config, names=names_of({}).names)
    return {need.name: need for need in kubernetes(place)}


def test_sizes_and_cores_that_are_there_are_found_and_others_are_findings(standin: RunningStandin) -> None:
    needs = found(size="Standard_D4s_v3", nodes=3)
    assert needs["size of aks"].found == "Standard_D4s_v3: 4 cores"
    assert needs["quota standardDSv3Family"].found.startswith("0 of 20 cores in use in westeurope, 16 more are wanted")
    assert needs["quota of all cores"].ok
    assert found(size="Standard_A0")["size of aks"].ok is False
    assert found(size="Standard_NC4as_T4_v3")["quota Standard NCASv3_T4 Family"].ok is False
