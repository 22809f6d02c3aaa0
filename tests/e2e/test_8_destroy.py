"""The last of the end-to-end tests: a model trains on a cluster; the stack is destroyed, the cluster with it, and comes
back from an `up` that failed early. Jobs that are killed, cancelled and fail: make test-azureml."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from tests.e2e.azureml.cluster import ON, SEEDS, states, with_a_cluster
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import STACK, LocalStack

pytestmark = pytest.mark.e2e

ONLY_THE_VAULT = "--target **Foundation::** --target **ResourceGroup::** --target **Vault::**"

TRAINS_ON_A_CLUSTER = (
    f"edgeway:computes[0].name={ON}",
    "edgeway:computes[0].kind=cluster",
    f"edgeway:models[0].train.on={ON}",
    f"edgeway:models[0].train.hyperparameters.seed={next(SEEDS)}",
)


def test_what_a_job_has_trained_is_registered_from_it_and_served(stack: LocalStack) -> None:
    with with_a_cluster(stack) as cluster:
        settings = [word for one in TRAINS_ON_A_CLUSTER for word in ("--plaintext", one)]
        stack.pulumi("config", "set-all", "--path", *settings)
        begin = time.monotonic()
        cluster.up()
        TABLE.add("anomaly as a job, with its cluster", "served", f"{time.monotonic() - begin:.0f} s")
        state = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
        lineages = [one["outputs"].get("lineage") for one in state if one["type"] == "mledge:ml:TrainingRun"]
        jobs = cluster.jobs()
    (job,) = [lineage["job"] for lineage in lineages if lineage]
    assert states(jobs, job) == ["Completed"]
    verified = json.loads(stack.run("edgeway", "verify", "--model", "anomaly", "--json").stdout)
    assert verified["agree"], verified


def test_destroying_after_an_up_that_failed_early_frees_every_name(stack: LocalStack) -> None:
    """With the vault made and not yet what purges it, a plain destroy would leave its name taken for 90 days."""
    stack.command("tools/down.sh", STACK)
    early = replace(stack, environment=(("NO_WAIT", "1"), ("UP_OPTIONS", ONLY_THE_VAULT)))
    # the program stumbles over what it did not make
    early.command("tools/up.sh", STACK, check=False)
    kinds = {one["type"] for one in json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]}
    assert any(kind.startswith("azure-native:keyvault") and kind.endswith(":Vault") for kind in kinds)
    assert "mledge:azure:Purge" not in kinds
    # asks the stand-in for leftovers, soft-deleted ones included, and fails where it has any
    assert "nothing is left: no resource" in stack.command("tools/down.sh", STACK).stdout
