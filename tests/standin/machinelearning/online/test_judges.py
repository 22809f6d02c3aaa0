"""azure-ai-ml, unmodified, against endpoints and deployments; the containers are an HTTP server of the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from standin.containers.errors import DockerAbsent
from tests.standin.machinelearning.online.models import Models
from tests.standin.machinelearning.workspace import GROUP, WORKSPACE
from tests.standin.running import RunningStandin

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models(azure: RunningStandin) -> Iterator[Models]:
    made = Models()
    made.docker.present = {"one", "two"}
    with suppress(DockerAbsent):  # who looks for an engine meanwhile must not put the one that it finds there later
        azure.wait_for(azure.base.docker.run(lambda _: None))
    azure.do(lambda base: setattr(base.docker, "_client", made.docker))
    azure.wait_for(made.begin())
    yield made
    azure.wait_for(made.end())


@pytest.fixture(scope="module")
def seen(
    models: Models, client: MachineLearningServicesMgmtClient, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What azure-ai-ml saw, all in one run."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("using_endpoints.py"), tmp_path_factory.mktemp("online")],
        env={
            **os.environ,
            "GROUP": GROUP,
            "WORKSPACE": WORKSPACE,
            "ROUTES": json.dumps(models.routes()),
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_azure_ai_ml_makes_reads_and_lists_an_endpoint_and_its_keys(seen: dict[str, Any]) -> None:
    assert seen["made"] == ["ep-judged", "Succeeded", "key", {"a": "b"}]
    door = "https://ep-judged.westeurope.inference.ml.azure.com"
    assert seen["read"] == [f"{door}/score", f"{door}/swagger.json", "system_assigned", "judged", {}]
    assert seen["listed"] == ["ep-judged"]
    assert seen["keys"] == [True, False]


def test_azure_ai_ml_makes_reads_and_scales_deployments(seen: dict[str, Any], models: Models) -> None:
    assert seen["blue"][:4] == ["blue", "Succeeded", "Standard_DS2_v2", 1]
    assert seen["settings"] == [3000, 2, {"A": "b"}]
    assert "Not enough quota available for Standard_DS2_v2" in seen["quota"]
    assert seen["scaled"] == 2
    assert seen["deployments"] == ["blue", "green"]
    assert seen["logs"] == ""


def test_azure_ai_ml_sets_traffic_and_invokes_by_share_and_by_name(seen: dict[str, Any]) -> None:
    assert seen["invoked"] == {"image": "one", "said": '{"row": 1}'}
    assert seen["named"] == {"image": "two", "said": '{"row": 1}'}
    assert seen["traffic"] == {"blue": 100}
    assert "need to sum to 0 or 100, and these sum to 60: blue 60" in seen["refused"][0]
    assert "'red' in the traffic does not exist" in seen["refused"][1]


def test_azure_ai_ml_deletes_what_has_no_traffic_and_the_endpoint_with_the_rest(
    seen: dict[str, Any], models: Models
) -> None:
    assert seen["with_traffic"][0] == 400
    assert "takes 100 per cent of the endpoint's traffic" in seen["with_traffic"][1]
    assert seen["left"] == ["blue"]
    assert seen["gone"] == 404
    assert models.docker.things == {"containers": {}, "networks": {}, "volumes": {}}
