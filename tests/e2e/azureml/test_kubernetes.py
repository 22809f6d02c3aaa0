"""The anomaly model behind an online endpoint in Kubernetes: made, asked, changed over under load, scaled, removed.

The stand-in's cluster is containers behind one address: this shows our side of the way, and no Kubernetes.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack

pytestmark = pytest.mark.azureml

PLACE = "anomaly-kubernetes"
OF_IT = ("--stack", "local", "--model", PLACE)
GROUP = "{kind: containerGroup, cpu: 1, memoryGb: 1}"
CLUSTER = "    - {name: aks, kind: kubernetes}\n"
ENDPOINT = "{kind: kubernetes, compute: aks, replicas: 2, holdSeconds: 2, probes: 20}"
MODELS = "  edgeway:models:\n"


@pytest.fixture(scope="module")
def cluster(stack: LocalStack) -> Iterator[LocalStack]:
    with stack.stack_file() as file:
        text = file.read_text()
        assert text.count(MODELS) == 1 and text.count(GROUP) == 1
        text = text.replace(MODELS, f"  edgeway:computes:\n{CLUSTER}{MODELS}")
        file.write_text(text.replace(GROUP, f"{GROUP}, {ENDPOINT}"))
        yield stack


def only_deployment(stack: LocalStack) -> dict[str, Any]:
    shown = json.loads(stack.run("edgeway", "endpoint", "show", *OF_IT, "--json").stdout)
    (found,) = shown["deployments"]
    assert (shown["asWanted"], found["share"]) == (True, 100)
    return dict(found)


def test_a_model_is_served_by_replicas_over_https_alone(cluster: LocalStack) -> None:
    begin = time.monotonic()
    cluster.up()
    TABLE.add("anomaly in Kubernetes", "cluster to served", f"{time.monotonic() - begin:.0f} s")

    served = cluster.outputs()["scoring"][PLACE]
    assert served["url"].startswith("https://aks-edgeway-aks-local-")
    deployment = only_deployment(cluster)
    assert (deployment["name"], deployment["instances"], deployment["cpu"]) == (served["deployment"], 2, "0.5")
    cluster.run("edgeway", "verify", *OF_IT)
    assert cluster.run("edgeway", "endpoint", "logs", *OF_IT).stdout
    assert cluster.changes() == {}


def test_a_retrain_takes_over_under_load_and_no_request_fails(cluster: LocalStack) -> None:
    before = only_deployment(cluster)["name"]
    cluster.pulumi("config", "set", "--path", "edgeway:models[0].train.hyperparameters.max_depth", "9")
    load = cluster.start("edgeway", "load", *OF_IT, "--seconds", "3600", "--json", start_new_session=True)
    begin = time.monotonic()
    cluster.up()
    took = time.monotonic() - begin
    os.killpg(load.pid, signal.SIGINT)
    said, _ = load.communicate(timeout=60)

    tally = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert (tally["failures"], tally["requests"] > 0) == ({}, True), said
    assert only_deployment(cluster)["name"] != before
    TABLE.add("anomaly in Kubernetes", "changed over", f"{took:.0f} s, {tally['requests']} requests, 0 failed")
    assert cluster.changes() == {}


def test_replicas_are_scaled_in_place(cluster: LocalStack) -> None:
    before = only_deployment(cluster)["name"]
    cluster.pulumi("config", "set", "--path", "edgeway:models[0].endpoints[1].replicas", "3")
    assert cluster.changes() == {"mledge:ml:OnlineModel anomaly": "update"}
    cluster.up()
    after = only_deployment(cluster)
    assert (after["name"], after["instances"]) == (before, 3)


def test_without_it_in_the_configuration_nothing_of_it_is_left(cluster: LocalStack) -> None:
    cluster.pulumi("config", "rm", "--path", "edgeway:models[0].endpoints[1]")
    cluster.pulumi("config", "rm", "edgeway:computes")
    cluster.up()
    state = json.loads(cluster.pulumi("stack", "export").stdout)["deployment"]["resources"]
    kinds = {one["type"].rpartition(":")[2] for one in state}
    assert not kinds & {"ManagedCluster", "Extension", "Compute", "OnlineEndpoint", "OnlineModel"}
    assert cluster.changes() == {}
