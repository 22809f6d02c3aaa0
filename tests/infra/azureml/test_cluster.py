"""A stack whose model trains on a cluster: what it registers beside what `dev` has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from clone.build_context import build_context, context_digest
from clone.training_job import TrainingJob, training_lock
from dryrun import UNKNOWN, Plan, azure_token, engine_config, stack_config
from infra.components.access import Role
from standin.plugin import mapping
from standin.plugin.kinds import BY_TOKEN
from tests.infra.plans import resource
from tests.infra.test_bodies import lost, read_back

# as those of test_bodies, whose judge is the same
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")]

CLUSTER = {"name": "cpu-cluster", "kind": "cluster", "maxNodes": 4}


def _config() -> dict[str, str]:
    config = stack_config("dev")
    models = json.loads(config["edgeway:models"])
    models[0]["train"].update(on="cpu-cluster", attempt=2)
    return {**config, **engine_config({"edgeway:computes": [CLUSTER], "edgeway:models": models})}


@pytest.fixture(scope="module")
def plan(run: Callable[[str, str, Mapping[str, str]], Plan]) -> Plan:
    return run("dev", "up", _config())


def test_the_cluster_is_asked_for_as_azure_knows_it(plan: Plan) -> None:
    cluster = resource(plan, "Compute", "cpu-cluster")

    token = azure_token(cluster["type"])
    body = mapping.body(token, cluster["inputs"], BY_TOKEN[token].params)
    assert list(lost(body, read_back(token, body))) == [] == mapping.check(token, cluster["inputs"])
    properties = body["properties"]
    assert properties["disableLocalAuth"] is True
    assert properties["properties"]["vmSize"] == "Standard_DS3_v2"
    assert properties["properties"]["scaleSettings"] == {
        "minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT180S",
    }  # fmt: skip


def test_what_azure_does_not_change_of_a_cluster_replaces_it(plan: Plan) -> None:
    options = resource(plan, "Compute", "cpu-cluster")["options"]

    assert options["deleteBeforeReplace"] is True
    fixed = {path.rpartition(".")[2] for path in options["replaceOnChanges"]}
    assert {"vmSize", "vmPriority", "osType", "identity", "location", "disableLocalAuth"} <= fixed
    assert not fixed & {"scaleSettings", "tags"}


def test_its_machines_may_pull_and_use_the_default_store_and_nothing_else(plan: Plan) -> None:
    given = [one["inputs"] for one in plan["resources"] if one["type"].endswith(":RoleAssignment")]
    theirs = [one for one in given if one["principalId"] == _principal(plan)]

    assert {(_last(one["roleDefinitionId"]), one["scope"].split("/")[-2]) for one in theirs} == {
        (Role.ACR_PULL, "registries"),
        (Role.BLOB_DATA_CONTRIBUTOR, "storageAccounts"),
    }


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _principal(plan: Plan) -> Any:
    (assignment,) = [one for one in plan["resources"] if one["name"] == "cpu-cluster-compute-blobs"]
    return assignment["inputs"]["principalId"]


def test_a_destroy_takes_it_before_the_workspace_is_purged(plan: Plan) -> None:
    cluster = resource(plan, "Compute", "cpu-cluster")
    assert "mledge:azure:Purge workspace" in cluster["depends_on"]
    run = resource(plan, "TrainingRun", "anomaly")
    assert {"mledge:azure:Purge cpu-cluster", "mledge:azure:RoleReady cpu-cluster-compute"} <= {*run["depends_on"]}
    assert resource(plan, "Purge", "cpu-cluster")["inputs"]["kind"] == "compute"


def test_the_job_gets_its_image_by_digest_and_its_code_by_digest(plan: Plan, clone: Path) -> None:
    image = resource(plan, "Image", "anomaly-training")
    job = resource(plan, "TrainingRun", "anomaly")["inputs"]["job"]
    of_clone = TrainingJob.of(clone, "anomaly")

    assert image["inputs"]["repository"] == "edgeway/training/anomaly"
    assert image["inputs"]["contextDigest"] == of_clone.image_context == _context(clone)
    assert job["image"].startswith(image["inputs"]["loginServer"]) and "@sha256:" in job["image"]
    assert (job["compute"], job["codeDigest"]) == ("cpu-cluster", of_clone.code_digest)


def _context(clone: Path) -> str:
    """As the provider reads it."""
    return context_digest(build_context(clone, "training", None, lock=training_lock(clone, "anomaly")))


def test_the_model_is_registered_with_where_it_comes_from(run: Callable[..., Plan]) -> None:
    registered = resource(run("dev", "preview", _config()), "RegisteredModel", "anomaly")

    assert registered["inputs"]["lineage"] == UNKNOWN
    assert registered["property_dependencies"]["lineage"] == ["mledge:ml:TrainingRun anomaly"]


def test_another_attempt_is_another_training(plan: Plan, planned: Callable[[str, str], Plan]) -> None:
    first, second = (resource(one, "TrainingRun", "anomaly")["inputs"] for one in (planned("dev", "up"), plan))
    assert first["inputsDigest"] != second["inputsDigest"]
    assert "job" not in first
