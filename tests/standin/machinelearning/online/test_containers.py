"""Deployments on a real Docker engine: one image, changed over under load, found again after the stand-in was gone."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import docker
import pytest
import requests
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

from tests.standin.bridge import bridge_of
from tests.standin.containerinstance.groups import BASE
from tests.standin.machinelearning.online.asking import REGION
from tests.standin.machinelearning.workspace import PATH, make_what_a_workspace_needs, workspace_body
from tests.standin.running import RunningStandin, running_standin
from tests.waiting import DEADLINE_S, until

pytestmark = pytest.mark.docker

IMAGE = f"edgeway-online-test:{os.getpid()}"
ENDPOINT = f"{PATH}/onlineEndpoints/ep-real"
SCORE = f"https://ep-real.{REGION}.inference.ml.azure.com/score"
SERVICES = ("blob", "keyvault", "machinelearning", "machinelearning.online")

# Answers what a variable and the model's one file say; as a user who owns neither. First it looks for ways out.
SERVER = """
import glob, http.server, json, os, socket, ssl
def is_open(address, port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0
def asked(address, port, host, path):
    anybody = ssl._create_unverified_context()
    with socket.create_connection((address, port), 5) as plain, anybody.wrap_socket(plain, server_hostname=host) as tls:
        tls.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n".encode())
        return int(tls.recv(4096).split()[1])
room = json.loads(os.environ["ROOM"])
print(json.dumps({
    "open": [port for port in room["ports"] if is_open(room["bridge"], port)],
    "control": asked(room["bridge"], room["tls"], "standin.edgeway.internal", "/_standin/resources"),
    "arm": asked(room["bridge"], room["tls"], "management.azure.com", "/subscriptions?api-version=2022-12-01"),
}))
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        files = glob.glob(os.environ["AZUREML_MODEL_DIR"] + "/*")
        said = (os.environ["ANSWER"] + " " + open(files[0]).read()).encode()
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200); self.send_header("content-length", str(len(said))); self.end_headers()
        self.wfile.write(said)
    do_POST = do_GET
    def log_message(self, *a): pass
print("begun", flush=True)
http.server.ThreadingHTTPServer(("", 5001), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    dockerfile = f"FROM {BASE}\nCOPY server.py /server.py\nUSER 10001\nCMD python /server.py\n"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in (("Dockerfile", dockerfile), ("server.py", SERVER)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    buffer.seek(0)
    engine = docker.from_env()
    engine.images.build(fileobj=buffer, custom_context=True, tag=IMAGE, rm=True)
    yield IMAGE
    engine.images.remove(IMAGE, force=True)
    engine.close()


def made(standin: RunningStandin, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = standin.arm("PUT", path, body)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


def room(standin: RunningStandin) -> str:
    """Where the server looks for the stand-in."""
    ports = standin.base.ports
    found = {"bridge": standin.base.docker.bridge_address, "ports": [ports.registry, ports.plain], "tls": ports.tls}
    return json.dumps(found)


def deployed(standin: RunningStandin, answer: str) -> dict[str, Any]:
    """What its container found of ways to the registry, the control surface and ARM."""
    probe = {"initialDelay": "PT0S", "period": "PT1S", "failureThreshold": 60}
    properties = {
        "endpointComputeType": "Managed",
        "environmentId": f"{PATH}/environments/e/versions/1",
        "model": f"{PATH}/models/m/versions/1",
        "instanceType": "Standard_DS2_v2",
        "environmentVariables": {"ANSWER": answer, "ROOM": room(standin)},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "requestSettings": {"maxConcurrentRequestsPerInstance": 20},
    }
    where = f"{ENDPOINT}/deployments/blue"
    made(standin, where, {"location": REGION, "sku": {"name": "Default", "capacity": 1}, "properties": properties})
    until("it is deployed", lambda: state(standin, where) in ("Succeeded", "Failed"))
    logs = standin.arm("POST", f"{where}/getLogs", {"tail": 20}).json()
    assert state(standin, where) == "Succeeded", logs
    found, begun = logs["content"].splitlines()
    assert begun == "begun"
    return dict(json.loads(found))


@pytest.fixture
def bridge() -> str:
    with contextlib.closing(docker.from_env()) as engine:
        return bridge_of(engine)


def state(standin: RunningStandin, path: str) -> str:
    return str(standin.arm("GET", path).json()["properties"]["provisioningState"])


def workspace_with_a_model(standin: RunningStandin) -> None:
    with DefaultAzureCredential() as opened:
        credential = cast(DefaultAzureCredential, opened)
        make_what_a_workspace_needs(credential)
        made(standin, PATH, workspace_body(systemDatastoresAuthMode="Identity"))
        store = standin.arm("GET", f"{PATH}/datastores/workspaceblobstore").json()["properties"]
        with BlobServiceClient("https://stml.blob.core.windows.net", credential) as blobs:
            blobs.get_blob_client(store["containerName"], "m/weights.txt").upload_blob(b"weights")
    uri = "azureml://datastores/workspaceblobstore/paths/m/weights.txt"
    made(standin, f"{PATH}/models/m/versions/1", {"properties": {"modelUri": uri}})
    made(standin, f"{PATH}/environments/e/versions/1", {"properties": {"image": IMAGE}})


class Client:
    def __init__(self, key: str) -> None:
        self._key = key
        self.answers: Counter[tuple[int, str]] = Counter()
        self._ended = threading.Event()

    def score(self) -> tuple[int, str]:
        answer = requests.post(
            SCORE, json={"row": 1}, headers={"Authorization": f"Bearer {self._key}"}, timeout=DEADLINE_S
        )
        return answer.status_code, answer.text

    def load(self) -> threading.Thread:
        def run() -> None:
            while not self._ended.is_set():
                self.answers[self.score()] += 1

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def end(self) -> None:
        self._ended.set()


def test_a_model_is_served_changed_over_under_load_and_found_again(
    image: str, bridge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_standin(tmp_path, services=SERVICES, bridge=bridge) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        base = standin.base.ports.base
        workspace_with_a_model(standin)
        endpoint = {"location": REGION, "identity": {"type": "SystemAssigned"}, "properties": {"authMode": "Key"}}
        made(standin, ENDPOINT, endpoint)
        assert deployed(standin, "first") == {"open": [], "control": 404, "arm": 401}
        endpoint["properties"] = {"authMode": "Key", "traffic": {"blue": 100}}
        made(standin, ENDPOINT, endpoint)
        client = Client(standin.arm("POST", f"{ENDPOINT}/listKeys").json()["primaryKey"])
        loads = [client.load() for _ in range(3)]
        until("it is asked", lambda: client.answers)
        deployed(standin, "second")
        until("the new one answers", lambda: client.answers[200, "second weights"])
        client.end()
        for thread in loads:
            thread.join()
        assert set(client.answers) == {(200, "first weights"), (200, "second weights")}
    with running_standin(tmp_path, services=SERVICES, port_base=base) as standin:
        assert client.score() == (200, "second weights")
        assert standin.arm("DELETE", PATH.partition("/providers/")[0]).status_code in (200, 202)
        until("nothing is left", lambda: not standin.wait_for(standin.base.docker.inventory()))
