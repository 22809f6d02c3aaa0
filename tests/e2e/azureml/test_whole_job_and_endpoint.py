"""A job and an endpoint on one stack, from nothing to nothing, and short.

`PROFILE=slow` tries both as Azure is on a bad day: long operations, roles that arrive late, throttled writes. It
takes the stack down, as all `test_whole_*` do: they come after the modules that share one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.e2e.azureml.cluster import SEEDS
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack

pytestmark = pytest.mark.azureml

PLACES = "endpoints: [{kind: containerGroup, cpu: 1, memoryGb: 1}]"
TRAINING = "{seed: 0}\n        thresholds: {accuracy: 0.98, recall: 0.97}"
CLUSTER = "    - {name: cpu-cluster, kind: cluster}\n"


@pytest.fixture(scope="module")
def both() -> Iterator[LocalStack]:
    """A stack that is not up, whose model trains on a cluster and has an online endpoint alone."""
    stack = LocalStack()
    stack.command("tools/down.sh", "local")
    with stack.stack_file() as file:
        text = file.read_text(encoding="utf-8")
        assert text.count(PLACES) == text.count(TRAINING) == 1
        text = text.replace(PLACES, "endpoints: [{kind: online, traffic: [100], holdSeconds: 0}]")
        # one that this clone's store does not know yet
        text = text.replace(TRAINING, f"{{seed: {next(SEEDS)}}}\n        thresholds: {{accuracy: 0.9}}")
        text = text.replace("  edgeway:models:\n", f"  edgeway:computes:\n{CLUSTER}  edgeway:models:\n")
        file.write_text(text.replace("      train:\n", "      train:\n        on: cpu-cluster\n", 1), encoding="utf-8")
        yield stack


def jobs(stack: LocalStack) -> list[str]:
    """The state of each."""
    listed = json.loads(stack.run("edgeway", "job", "list", "--stack", "local", "--json").stdout)
    return [str(job["status"]) for job in listed]


def test_a_job_and_an_endpoint_come_up_with_what_they_need(both: LocalStack) -> None:
    begin = time.monotonic()
    both.command("tools/up.sh", "local", limit_s=900)
    TABLE.add("a job and an endpoint on one stack", "up", f"{time.monotonic() - begin:.0f} s")
    assert jobs(both) == ["Completed"], "one was paid, and none failed for a role that was late"
    assert json.loads(both.run("edgeway", "verify", "--stack", "local", "--json").stdout)["agree"]


def test_with_both_a_second_up_changes_nothing(both: LocalStack) -> None:
    assert both.changes() == {}
    both.up("--expect-no-changes")


def test_keys_are_made_anew_without_a_moment_in_which_nobody_may_ask(both: LocalStack) -> None:
    script = (
        "import sys\n"
        "from azure.ai.ml import MLClient\n"
        "from azure.identity import DefaultAzureCredential\n"
        "_, _, subscription, _, group, _, _, _, workspace, _, endpoint = sys.argv[1].split('/')\n"
        "client = MLClient(DefaultAzureCredential(), subscription, group, workspace)\n"
        "before = client.online_endpoints.get_keys(endpoint)\n"
        "client.online_endpoints.begin_regenerate_keys(endpoint, key_type='secondary').result()\n"
        "after = client.online_endpoints.get_keys(endpoint)\n"
        "assert before.primary_key == after.primary_key and before.secondary_key != after.secondary_key\n"
    )
    endpoint = both.outputs()["scoring"]["anomaly"]["endpointId"]
    both.run("python", "-c", script, endpoint)
    both.run("edgeway", "monitor", "--model", "anomaly", "--count", "3", "--every", "0.2", "--stack", "local")


def test_both_go_and_nothing_is_left(both: LocalStack) -> None:
    begin = time.monotonic()
    assert "nothing is left: no resource" in both.command("tools/down.sh", "local").stdout
    TABLE.add("a job and an endpoint on one stack", "down", f"{time.monotonic() - begin:.0f} s")
