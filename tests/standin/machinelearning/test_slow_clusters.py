"""A cluster under the `slow` profile: long operations, nodes that take their time, and a stand-in started again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from standin.core.arm import Resource
from standin.core.profile import SLOW
from standin.foundation import Foundation
from tests.standin.machinelearning.workspace import GROUP, PATH, WORKSPACE
from tests.standin.running import RunningStandin, running_standin

pytestmark = pytest.mark.slow

CLUSTER = f"{PATH}/computes/cpu-cluster"
SCALE = {"minNodeCount": 1, "maxNodeCount": 2}
BODY: dict[str, Any] = {
    "location": "westeurope",
    "properties": {
        "computeType": "AmlCompute",
        "properties": {"vmSize": "Standard_DS3_v2", "scaleSettings": SCALE},
    },
}
# what a client does with a 429 is shown elsewhere
PROFILE = replace(SLOW, operation_polls=1, throttle_once=False)


def test_a_cluster_comes_and_goes_by_long_operations_and_outlives_the_stand_in(tmp_path: Path) -> None:
    with _running(tmp_path) as azure:
        azure.do(_make_places)
        made = azure.arm("PUT", CLUSTER, BODY)
        assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
        assert _ended(azure, made.headers["Azure-AsyncOperation"]) == "Succeeded"
        assert _nodes(azure) == ("Resizing", 0, 1, {"preparing": 1})
        azure.do(lambda base: base.clock.advance(PROFILE.node_start_s))
        assert _nodes(azure) == ("Steady", 1, 1, {"idle": 1})
    with _running(tmp_path) as azure:
        assert _nodes(azure) == ("Steady", 1, 1, {"idle": 1})
        gone = azure.arm("DELETE", CLUSTER + "?underlyingResourceAction=Delete")
        assert gone.status_code == 202
        assert _ended(azure, gone.headers["Azure-AsyncOperation"]) == "Succeeded"
        assert azure.arm("GET", CLUSTER).status_code == 404


@contextmanager
def _running(state: Path) -> Iterator[RunningStandin]:
    services = ("blob", "machinelearning")
    with running_standin(state, profile=PROFILE, services=services) as azure, pytest.MonkeyPatch.context() as patch:
        for name, value in azure.environment.items():
            patch.setenv(name, value)
        yield azure


def _make_places(base: Foundation) -> None:
    group, place = PATH.partition("/providers/")[0], {"location": "westeurope"}
    base.arm.save(Resource(id=group, type="Microsoft.Resources/resourceGroups", name=GROUP, body={**place}))
    workspace = "Microsoft.MachineLearningServices/workspaces"
    base.arm.save(Resource(id=PATH, type=workspace, name=WORKSPACE, body={**place}))


def _ended(azure: RunningStandin, url: str) -> str:
    path, _, version = url.removeprefix("https://management.azure.com").partition("?api-version=")
    said = "InProgress"
    for _ in range(10):
        if (said := azure.arm("GET", path, version=version).json()["status"]) != "InProgress":
            break
    return said


def _nodes(azure: RunningStandin) -> tuple[str, int, int, dict[str, int]]:
    cluster = azure.arm("GET", CLUSTER).json()["properties"]["properties"]
    counts = {name.removesuffix("NodeCount"): count for name, count in cluster["nodeStateCounts"].items() if count}
    return cluster["allocationState"], cluster["currentNodeCount"], cluster["targetNodeCount"], counts
