"""Run as a program of its own: what azure-ai-ml does with jobs, as JSON on standard output.

A separate process, because the SDK's imports warn in ways that this project treats as errors.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Seen = Iterator[tuple[str, Any]]
IMAGE = "python:3.11-slim-bookworm"
_DEADLINE_S = 60


def main(folder: Path) -> dict[str, Any]:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import AmlCompute, Environment
    from azure.identity import DefaultAzureCredential

    client = MLClient(
        DefaultAzureCredential(), os.environ["AZURE_SUBSCRIPTION_ID"], os.environ["GROUP"], os.environ["WORKSPACE"]
    )
    cluster = AmlCompute(name="cpu-cluster", size="Standard_DS2_v2", min_instances=0, max_instances=1)
    client.compute.begin_create_or_update(cluster).result()
    environment = Environment(name="training", version="1", image=IMAGE)
    steps = (trained(client, environment, folder), failed(client, environment, folder), canceled(client, environment))
    return dict(seen for step in steps for seen in step)


def trained(client: Any, environment: Any, folder: Path) -> Seen:
    from azure.ai.ml import Input, Output, command
    from azure.ai.ml.entities import Model

    (folder / "rows.csv").write_text("1,2\n3,4\n")
    job = command(
        name="anomaly-1",
        experiment_name="anomaly",
        code=str(Path(__file__).parent / "scripts"),
        command="python train.py --data ${{inputs.data}} --rate ${{inputs.rate}} --model ${{outputs.model}}",
        environment=environment,
        compute="cpu-cluster",
        inputs={"data": Input(type="uri_file", path=str(folder / "rows.csv")), "rate": 0.5},
        outputs={"model": Output(type="uri_folder")},
        tags={"stack": "judges"},
        environment_variables={"ROOM": os.environ["ROOM"]},
    )
    client.jobs.create_or_update(job)
    yield "streamed", streamed(client, "anomaly-1")
    done = client.jobs.get("anomaly-1")
    yield "done", [done.status, done.tags, done.experiment_name]
    client.jobs.download("anomaly-1", download_path=str(folder / "down"), all=True)
    files = sorted(path for path in (folder / "down").rglob("*") if path.is_file())
    yield "downloaded", {str(path.relative_to(folder / "down")): path.read_text() for path in files}
    path = "azureml://jobs/anomaly-1/outputs/model/paths/"
    model = client.models.create_or_update(Model(name="anomaly", version="1", path=path, type="custom_model"))
    yield "model", [model.version, model.path.rpartition("/workspaces/")[2], model.job_name]
    client.models.download("anomaly", version="1", download_path=str(folder / "model"))
    yield "model files", sorted(file.name for file in (folder / "model").rglob("*") if file.is_file())
    job.command = "python other.py"
    yield "name taken", refusal(lambda: client.jobs.create_or_update(job))


def failed(client: Any, environment: Any, folder: Path) -> Seen:
    from azure.ai.ml import command

    code = folder / "failing"
    code.mkdir()
    (code / "fail.py").write_text("import time\ntime.sleep(2)\nraise SystemExit('no rows at all')\n")
    job = command(
        name="anomaly-2", code=str(code), command="python fail.py", environment=environment, compute="cpu-cluster"
    )
    client.jobs.create_or_update(job)
    yield "failure", refusal(lambda: streamed(client, "anomaly-2"))


def canceled(client: Any, environment: Any) -> Seen:
    from azure.ai.ml import command

    job = command(name="anomaly-3", command="sleep 99", environment=environment, compute="cpu-cluster")
    client.jobs.create_or_update(job)
    deadline = time.monotonic() + _DEADLINE_S
    while client.jobs.get("anomaly-3").status != "Running" and time.monotonic() < deadline:
        time.sleep(0.2)
    client.jobs.begin_cancel("anomaly-3").result()
    yield "canceled", client.jobs.get("anomaly-3").status
    yield "listed", [[one.name, one.status] for one in client.jobs.list()]


def streamed(client: Any, name: str) -> str:
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        client.jobs.stream(name)
    return text.getvalue()


def refusal(call: Any) -> str:
    try:
        call()
    except Exception as problem:  # each client raises its own
        return str(problem)
    return "no refusal"


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
