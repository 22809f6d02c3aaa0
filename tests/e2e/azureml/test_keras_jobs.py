"""The models in Keras as they were meant: a command job on a cluster, with TensorFlow in an environment of their own,
the model registered from the job's output and served by a managed online endpoint; from the entries of their READMEs.

Both have one lock, so one image is built, and pushed for each.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.azureml.cluster import ON, UP, with_a_compute
from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import ROOT, LocalStack

pytestmark = pytest.mark.azureml

MODELS = ("mnist_keras", "cifar10_keras")
# of ten epochs `make test-pictures` tells the accuracy
SETTINGS = {"mnist_keras": "{seed: 0}", "cifar10_keras": "{seed: 0, epochs: 3}"}
AFTER_THE_MODELS = "  edgeway:layers:"
ONLINE = "endpoints: [{kind: online, traffic: [100], holdSeconds: 0, probes: 20}]"
_REGISTERED = """
import json, sys
from azure.ai.ml import MLClient
from cloud.sign_in import credential
group, workspace, name, version, subscription = sys.argv[1:]
model = MLClient(credential(), subscription, group, workspace).models.get(name, version=version)
print(json.dumps({"job": model.job_name, "path": model.path, "tags": model.tags}))
"""


def entry(model: str) -> str:
    """As a reader copies it, with where it trains and where it is served; of inputs that this clone has not trained."""
    readme = (ROOT / "models" / model / "README.md").read_text()
    shown = str(re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)[0])
    attempt = int(time.time()) // 60 % 900_000 + 2
    for old, new in {
        "      train:\n": f"      train:\n        on: {ON}\n        attempt: {attempt}\n",
        "hyperparameters: {seed: 0}": f"hyperparameters: {SETTINGS[model]}",
        "endpoints: [{kind: containerGroup}]": ONLINE,
    }.items():
        assert shown.count(old) == 1
        shown = shown.replace(old, new)
    return shown


@dataclass
class Watched:
    """What the engine and Docker told of an `up`, and when."""

    events: list[dict[str, Any]]
    images: list[dict[str, Any]]

    def seconds(self, kind: str, name: str) -> tuple[float, float]:
        """When the resource was begun, and when it was made."""
        urn = f"{kind}::{name}"
        begun = [one for one in self.events if _urn(one, "resourcePreEvent").endswith(urn)]
        made = [one for one in self.events if _urn(one, "resOutputsEvent").endswith(urn)]
        return float(begun[0]["timestamp"]), float(made[-1]["timestamp"])

    def image(self, action: str, repository: str) -> float:
        """When an image was tagged for the repository or pushed to it."""
        found = [one for one in self.images if one["Action"] == action and f"{repository}:" in _named(one)]
        return float(found[-1]["timeNano"]) / 1e9


def _urn(event: dict[str, Any], kind: str) -> str:
    return str(event.get(kind, {}).get("metadata", {}).get("urn", ""))


def _named(event: dict[str, Any]) -> str:
    return f"{event['Actor']['ID']} {event['Actor']['Attributes'].get('name')}"


def watched(stack: LocalStack, log: Path) -> Watched:
    command = ["docker", "events", "--filter", "type=image", "--format", "{{json .}}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = ("env", "PULUMI_DEBUG_COMMANDS=true", "PULUMI_EXPERIMENTAL=true", *UP, "--event-log", str(log))
            stack.run(*told, limit_s=900)
        finally:
            process.terminate()
            images = [json.loads(line) for line in process.communicate()[0].splitlines()]
    return Watched([json.loads(line) for line in log.read_text().splitlines() if line.strip()], images)


@pytest.fixture(scope="module")
def keras(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalStack, Watched]]:
    with stack.stack_file() as file:
        text = with_a_compute(file.read_text())
        assert text.count(AFTER_THE_MODELS) == 1
        file.write_text(text.replace(AFTER_THE_MODELS, "".join(map(entry, MODELS)) + AFTER_THE_MODELS))
        stack.command(".venv/bin/edgeway", "data", "--stack", "local")
        yield stack, watched(stack, tmp_path_factory.mktemp("keras") / "events")


def state_of(stack: LocalStack, kind: str, name: str) -> dict[str, Any]:
    resources = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]["resources"]
    return next(dict(one) for one in resources if one["type"] == kind and one["urn"].endswith(f"::{name}"))


def megabytes(stack: LocalStack, digest: str) -> float:
    """Of the layers as the registry has them."""
    (blob,) = stack.standin_state.glob(f"registry/**/blobs/sha256/{digest[7:9]}/{digest[7:]}/data")
    return sum(int(layer["size"]) for layer in json.loads(blob.read_text())["layers"]) / 1e6


def test_one_environment_is_built_once_and_pushed_for_each(keras: tuple[LocalStack, Watched]) -> None:
    stack, up = keras
    refs = {name: state_of(stack, "mledge:docker:Image", f"{name}-training")["outputs"]["ref"] for name in MODELS}
    assert len({ref.rpartition("@")[2] for ref in refs.values()}) == 1
    repositories = {name: ref.rpartition("@")[0] for name, ref in refs.items()}
    size = stack.command("docker", "image", "inspect", "--format", "{{.Size}}", refs[MODELS[0]]).stdout
    sent = megabytes(stack, refs[MODELS[0]].rpartition("@")[2])
    tagged = {name: up.image("tag", repositories[name]) for name in MODELS}
    pushed = {name: up.image("push", repositories[name]) for name in MODELS}
    first, second = sorted(MODELS, key=lambda name: pushed[name])
    begun = up.seconds("Image", f"{first}-training")[0]
    TABLE.add("TensorFlow's environment: image", f"{int(size) / 1e6:.0f} MB", f"{tagged[first] - begun:.0f} s to build")
    TABLE.add("its push", f"{sent:.0f} MB", f"{pushed[first] - tagged[first]:.0f} s")
    TABLE.add("its push for the second model", "mounted", f"{pushed[second] - tagged[second]:.1f} s")
    assert pushed[first] <= tagged[second]


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_registered_from_its_jobs_output(keras: tuple[LocalStack, Watched], model: str) -> None:
    stack, up = keras
    run = state_of(stack, "mledge:ml:TrainingRun", model)["outputs"]
    inputs = state_of(stack, "mledge:ml:RegisteredModel", model)["inputs"]
    where = [inputs[name] for name in ("resourceGroupName", "workspaceName", "name")]
    words = [*where, run["version"], inputs["subscriptionId"]]
    registered = json.loads(stack.run("python", "-c", _REGISTERED, *words).stdout)
    assert registered["job"] == run["lineage"]["job"]
    assert f"/{run['lineage']['job']}/model/" in registered["path"]
    log = stack.run("edgeway", "job", "logs", run["lineage"]["job"], "--stack", "local").stdout
    assert "epoch" in log.lower() and "accuracy" in log
    begun, made = up.seconds("TrainingRun", model)
    accuracy = f"accuracy {run['metrics']['accuracy']:.3f}"
    TABLE.add(f"{model} as a job, to its artifact here", accuracy, f"{made - begun:.0f} s")


@pytest.mark.parametrize("model", MODELS)
def test_an_online_endpoint_serves_what_the_job_has_left(keras: tuple[LocalStack, Watched], model: str) -> None:
    stack, up = keras
    verified = json.loads(stack.run("edgeway", "verify", "--model", model, "--json").stdout)
    assert verified["agree"], verified
    shown = stack.run("edgeway", "endpoint", "show", "--stack", "local", "--model", model, "--json").stdout
    (deployment,) = json.loads(shown)["deployments"]
    assert (deployment["share"], deployment["state"]) == (100, "Succeeded")
    begun, made = up.seconds("OnlineModel", model)
    TABLE.add(f"{model} behind an online endpoint", "golden examples agree", f"{made - begun:.0f} s")


def test_a_second_up_changes_nothing(keras: tuple[LocalStack, Watched]) -> None:
    stack, _ = keras
    assert stack.changes() == {}
