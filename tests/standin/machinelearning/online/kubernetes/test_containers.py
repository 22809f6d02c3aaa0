"""Replicas on a real Docker engine: rolled and killed under load, shut off from the stand-in, found again."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from tests.standin.bridge import bridge_of
from tests.standin.kubernetesconfiguration.clusters import CNAME, cluster_body, extension_body
from tests.standin.machinelearning.online.asking import REGION
from tests.standin.machinelearning.online.test_containers import (
    SERVICES,
    image,
    made,
    room,
    state,
    workspace_with_a_model,
)
from tests.standin.machinelearning.workspace import BASE, PATH
from tests.standin.opened import at_port_443
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S, until

__all__ = ["image"]

pytestmark = [pytest.mark.docker, at_port_443]

ALL = (*SERVICES, "containerservice", "kubernetesconfiguration")
CLUSTER = f"{BASE}/Microsoft.ContainerService/managedClusters/real"
EXTENSION = f"{CLUSTER}/providers/Microsoft.KubernetesConfiguration/extensions/azureml"
COMPUTE = f"{PATH}/computes/k8s-real"
ENDPOINT = f"{PATH}/onlineEndpoints/ep-k8s-real"
BLUE = f"{ENDPOINT}/deployments/blue"
SCORE = f"https://{CNAME}/api/v1/endpoint/ep-k8s-real/score"
OF_ENDPOINT = {"location": REGION, "kind": "Kubernetes", "identity": {"type": "SystemAssigned"}}

# What a container finds of the stand-in at the gateway of its network: 0 where nobody answers.
LOOK_ROUND = """
import http.client, ssl, sys
def status(make):
    try:
        asked = make()
        asked.request("GET", "/_standin/resources", headers={"host": "127.0.0.1"})
        return asked.getresponse().status
    except OSError:
        return 0
context = ssl._create_unverified_context()
address, plain, tls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print(status(lambda: http.client.HTTPConnection(address, plain, timeout=5)),
      status(lambda: http.client.HTTPSConnection(address, tls, timeout=5, context=context)))
"""


class Load:
    """Asks all the while, in threads of its own."""

    def __init__(self, key: str) -> None:
        self.answers: Counter[tuple[int, str]] = Counter()
        self._key = key
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(3)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def score(self) -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = requests.post(SCORE, json={"row": 1}, headers=headers, timeout=DEADLINE_S)
        return answer.status_code, answer.text

    def _run(self) -> None:
        while not self._ended.is_set():
            self.answers[self.score()] += 1


def deploy(standin: RunningStandin, answer: str) -> None:
    probe = {"initialDelay": "PT0S", "period": "PT1S", "failureThreshold": 60}
    properties: dict[str, Any] = {
        "endpointComputeType": "Kubernetes",
        "environmentId": f"{PATH}/environments/e/versions/1",
        "model": f"{PATH}/models/m/versions/1",
        "environmentVariables": {"ANSWER": answer, "ROOM": room(standin)},
        "scaleSettings": {"scaleType": "Default"},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "requestSettings": {"maxConcurrentRequestsPerInstance": 20},
    }
    body = {"location": REGION, "kind": "Kubernetes", "sku": {"name": "Default", "capacity": 2}}
    made(standin, BLUE, {**body, "properties": properties})
    until("it is deployed", lambda: state(standin, BLUE) in ("Succeeded", "Failed"))
    assert state(standin, BLUE) == "Succeeded", standin.arm("POST", f"{BLUE}/getLogs", {"tail": 20}).json()


def cluster(standin: RunningStandin) -> str:
    """With an endpoint; answers its key."""
    chain, key = standin.do(lambda base: base.authority.issue([CNAME]))
    files = {"scoringFe.sslCert": chain, "scoringFe.sslKey": key}
    secrets = {name: base64.b64encode(content).decode() for name, content in files.items()}
    compute = {"computeType": "Kubernetes", "resourceId": CLUSTER, "properties": {"namespace": "default"}}
    for path, body in (
        (CLUSTER, cluster_body()),
        (EXTENSION, extension_body(secrets=secrets)),
        (COMPUTE, {"location": REGION, "properties": compute}),
        (ENDPOINT, {**OF_ENDPOINT, "properties": {"authMode": "Key", "compute": COMPUTE}}),
    ):
        made(standin, path, body)
        until("it is made", lambda path=path: state(standin, path) == "Succeeded")  # type: ignore[misc]
    return str(standin.arm("POST", f"{ENDPOINT}/listKeys").json()["primaryKey"])


def containers(standin: RunningStandin) -> list[str]:
    listed = standin.wait_for(standin.base.docker.inventory())
    return sorted(name.split(" ")[1] for name in listed if name.startswith("container ") and name.endswith("-model"))


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with closing(docker.from_env()) as engine:
        yield bridge_of(engine)


def test_replicas_are_rolled_killed_and_found_again_and_see_nothing_of_the_stand_in(
    image: str, gateway: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_standin(tmp_path, services=ALL, bridge=gateway) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        ports = standin.base.ports
        workspace_with_a_model(standin)
        key = cluster(standin)
        deploy(standin, "first")
        shares = {"authMode": "Key", "compute": COMPUTE, "traffic": {"blue": 100}}
        made(standin, ENDPOINT, {**OF_ENDPOINT, "properties": shares})
        with Load(key) as load:
            until("it is asked", lambda: load.answers)
            deploy(standin, "second")
            until("the new ones answer", lambda: load.answers[200, "second weights"])
        assert set(load.answers) == {(200, "first weights"), (200, "second weights")}
        victim, other = containers(standin)
        found = subprocess.run(
            ["docker", "exec", other, "python", "-c", LOOK_ROUND, gateway, str(ports.plain), str(ports.tls)],
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout.split()  # fmt: skip
        assert found == ["0", "404"]
        subprocess.run(["docker", "kill", victim], capture_output=True, timeout=60, check=True)
        until("two answer again", lambda: _running(containers(standin)) == 2)
        assert load.score() == (200, "second weights")
    with running_standin(tmp_path, services=ALL, port_base=ports.base, bridge=gateway) as standin:
        assert load.score() == (200, "second weights")
        assert standin.arm("DELETE", PATH.partition("/providers/")[0]).status_code in (200, 202)
        until("nothing is left", lambda: not standin.wait_for(standin.base.docker.inventory()))


def _running(names: list[str]) -> int:
    shown = subprocess.run(
        ["docker", "inspect", "--format", "{{.State.Running}}", *names],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout.split()
    return shown.count("true") if len(shown) == len(names) else 0
