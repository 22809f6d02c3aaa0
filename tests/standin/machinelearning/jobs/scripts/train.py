"""What a job of the tests runs: it reads rows, logs, writes a model, and looks for ways out of its room."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import socket
import ssl
import time
import urllib.request


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("data", "rate", "model"):
        parser.add_argument(f"--{name}")
    given = parser.parse_args()
    rows = pathlib.Path(given.data).read_text().splitlines()
    print(f"read {len(rows)} rows from {given.data}, rate {given.rate}", flush=True)
    for epoch in range(2):
        time.sleep(1.2)  # seen by who follows the log
        print(f"epoch {epoch}", flush=True)
        log_metric("loss", 1 / (epoch + 1), epoch)
    model = pathlib.Path(given.model)
    (model / "deep").mkdir()
    (model / "deep" / "model.onnx").write_text("weights")
    pathlib.Path("outputs").mkdir()
    pathlib.Path("outputs/room.json").write_text(json.dumps(room()))


def log_metric(key: str, value: float, step: int) -> None:
    body = {"run_id": os.environ["MLFLOW_RUN_ID"], "key": key, "value": value, "step": step, "timestamp": 0}
    request = urllib.request.Request(
        os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/log-metric",
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]},
    )
    trust = ssl.create_default_context(cafile=os.environ["MLFLOW_TRACKING_SERVER_CERT_PATH"])
    urllib.request.urlopen(request, context=trust, timeout=30).read()


def room() -> dict[str, object]:
    status = dict(line.split(":\t", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
    host = json.loads(os.environ["ROOM"])
    doors = [(host["bridge"], port) for port in host["ports"]]
    return {
        "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
        "privileges": status["NoNewPrivs"],
        "open": [port for address, port in doors if is_open(address, port)],
        "control": asked(host["bridge"], host["tls"], "standin.edgeway.internal", "/_standin/resources"),
        "arm": asked(host["bridge"], host["tls"], "management.azure.com", "/subscriptions?api-version=2022-12-01"),
        "memory": int(pathlib.Path("/sys/fs/cgroup/memory.max").read_text()) if cgroup2() else 0,
    }


def cgroup2() -> bool:
    return pathlib.Path("/sys/fs/cgroup/memory.max").exists()


def is_open(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def asked(address: str, port: int, host: str, path: str) -> int:
    """The status that a request gets there, with the token of this run."""
    trust = ssl.create_default_context(cafile=os.environ["MLFLOW_TRACKING_SERVER_CERT_PATH"])
    with socket.create_connection((address, port), 5) as plain, trust.wrap_socket(plain, server_hostname=host) as tls:
        token = os.environ["MLFLOW_TRACKING_TOKEN"]
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        tls.sendall(head.encode())
        return int(tls.recv(4096).split()[1])


main()
