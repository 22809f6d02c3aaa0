"""azure-ai-ml, unmodified, against a cluster that it attaches, and an endpoint on it that it asks over HTTPS."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient

from standin.containers.errors import DockerAbsent
from tests.standin.kubernetesconfiguration.clusters import CNAME, cluster_body, extension_body
from tests.standin.machinelearning.online.models import Models
from tests.standin.machinelearning.workspace import BASE, GROUP, WORKSPACE
from tests.standin.opened import at_port_443
from tests.standin.running import RunningStandin
from tests.waiting import until

pytestmark = [pytest.mark.slow, at_port_443]

CLUSTER = f"{BASE}/Microsoft.ContainerService/managedClusters/judged"
EXTENSION = f"{CLUSTER}/providers/Microsoft.KubernetesConfiguration/extensions/azureml"


@pytest.fixture(scope="module")
def cluster(azure: RunningStandin, client: MachineLearningServicesMgmtClient) -> str:
    """With a certificate that the clients trust: of the stand-in's own authority."""
    chain, key = azure.do(lambda base: base.authority.issue([CNAME]))
    secrets = {"scoringFe.sslCert": chain, "scoringFe.sslKey": key}
    encoded = {name: base64.b64encode(content).decode() for name, content in secrets.items()}
    for path, body in ((CLUSTER, cluster_body()), (EXTENSION, extension_body(secrets=encoded))):
        answer = azure.arm("PUT", path, body)
        assert answer.status_code == 201, answer.text
        until("it is made", lambda path=path: state(azure, path) == "Succeeded")  # type: ignore[misc]
    return CLUSTER


def state(azure: RunningStandin, path: str) -> str:
    return str(azure.arm("GET", path).json()["properties"]["provisioningState"])


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
def seen(models: Models, cluster: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What azure-ai-ml saw, all in one run."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("using_cluster.py"), tmp_path_factory.mktemp("kubernetes")],
        env={
            **os.environ,
            "CLUSTER": cluster,
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


def test_azure_ai_ml_attaches_a_cluster_and_learns_that_it_is_not_changed(seen: dict[str, Any], cluster: str) -> None:
    assert seen["attached"] == ["k8s-judged", "kubernetes", "azureml", "Succeeded", cluster]
    assert seen["types"] == ["defaultinstancetype", "small"]
    assert "Kubernetes compute does not support update" in seen["changed"]
    assert seen["computes"] == ["k8s-judged"]


def test_azure_ai_ml_makes_rolls_and_invokes_a_deployment_over_https(seen: dict[str, Any]) -> None:
    uri = f"https://{CNAME}/api/v1/endpoint/ep-on-k8s/score"
    assert seen["endpoint"] == ["ep-on-k8s", "Succeeded", uri, "KubernetesOnlineEndpoint"]
    assert seen["blue"] == ["blue", "Succeeded", "small", 2]
    assert seen["invoked"] == {"image": "one", "said": '{"row": 1}'}
    assert seen["rolled"] == {"image": "two", "said": '{"row": 1}'}
    assert (seen["logs"], seen["keys"]) == ("", False)


def test_azure_ai_ml_deletes_and_detaches(seen: dict[str, Any], models: Models) -> None:
    assert (seen["left"], seen["gone"]) == ([], 404)
    assert models.docker.things == {"containers": {}, "networks": {}, "volumes": {}}


def test_the_router_answers_at_its_address_with_the_extensions_certificate(azure: RunningStandin, cluster: str) -> None:
    nodes = azure.arm("GET", cluster).json()["properties"]["nodeResourceGroup"]
    group = f"{BASE.partition('/resourceGroups/')[0]}/resourceGroups/{nodes}"
    listed = azure.arm("GET", f"{group}/providers/Microsoft.Network/publicIPAddresses").json()["value"]
    address = (listed[0]["properties"]["ipAddress"], 443)
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=CNAME) as secured,
    ):
        secured.sendall(
            f"GET /api/v1/endpoint/none/score HTTP/1.1\r\nhost: {CNAME}\r\nconnection: close\r\n\r\n".encode()
        )
        assert secured.recv(1000).startswith(b"HTTP/1.1 404 ")
    assert requests.get(f"https://{CNAME}/_standin/health", timeout=10).status_code == 404
