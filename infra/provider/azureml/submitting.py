"""Sends a job: its code, its data and the command, by azure-ai-ml.

A hyperparameter stands in the command, quoted: Azure ML would put an input of the job into it as it is, for a shell to
read. The job gets no credential: what it reads and writes it does as the cluster's identity.
https://learn.microsoft.com/azure/machine-learning/how-to-train-model
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.layout import Clone
from clone.training_inputs import training_code
from clone.training_job import code_digest
from cloud.azureml.jobs import Jobs
from cloud.errors import ServiceError, is_missing, service_error
from cloud.retrying import with_retries
from infra.provider.azureml.training import TAG_DATA, TAG_INPUTS, TAG_STACK, ClusterTraining
from infra.provider.full_disk import room_for
from infra.provider.local.training import data_copy, word
from infra.provider.scratch import scratch
from infra.provider.services.ml_client import ml_client, quiet
from pluginbase.resource import OperationContext, ProviderError

DATA, OUTPUT = "data", "model"
"""What the job calls its input, and the folder that it leaves."""
_ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0"}


def submit(
    ctx: OperationContext, clone: Clone, training: ClusterTraining, jobs: Jobs, name: str, lineage: Mapping[str, str]
) -> None:
    """Returns when Azure has the job. One whose acceptance was not heard of is found, and not sent twice."""

    def send() -> None:
        if jobs.get(name) is None:
            with quiet():
                client = ml_client(training.job.workspace)
                data = _data(client, training, folder / DATA)
                client.jobs.create_or_update(_command(clone, training, name, lineage, folder / "code", data))

    ctx.status(f"sending {name} to {training.job.compute}")
    with room_for(f"the code and data of {name}"), scratch("job") as folder:
        _write_code(clone, training, folder / "code")
        data_copy(clone, training.model, training.data_sha256, folder / DATA)
        with_retries(ctx, f"job {name} in {training.job.workspace_name}", send)


def _write_code(clone: Clone, training: ClusterTraining, into: Path) -> None:
    code = training_code(clone.root, training.model)
    if code_digest(code) != training.job.code_digest:
        raise ProviderError(f"the code of the model {training.model!r} changed while `up` ran: run it again")
    for name, content in code.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(content)


def _data(client: Any, training: ClusterTraining, folder: Path) -> str:
    """The asset of these bytes, made where the workspace has none yet."""
    from azure.ai.ml.entities import Data

    name, version = training.data_asset
    try:
        found = client.data.get(name, version=version)
    except Exception as error:
        answer = service_error(error, f"data {name}:{version}")
        if answer is None or not is_missing(answer):
            raise
        tags = {"sha256": training.data_sha256}
        client.data.create_or_update(Data(name=name, version=version, path=str(folder), type="uri_folder", tags=tags))
    else:
        if (found.tags or {}).get("sha256") != training.data_sha256:
            raise ServiceError(f"data {name}:{version}", 409, "", "it is there already and is other data than is meant")
    return f"azureml:{name}:{version}"


def _command(
    clone: Clone, training: ClusterTraining, name: str, lineage: Mapping[str, str], code: Path, data: str
) -> Any:
    from azure.ai.ml import Input, Output, command
    from azure.ai.ml.entities import Environment

    tags = {TAG_STACK: training.stack, TAG_INPUTS: training.inputs_digest, TAG_DATA: training.data_sha256, **lineage}
    return command(
        name=name,
        display_name=name,
        experiment_name=training.model,
        code=str(code),
        command=command_line(clone, training),
        environment=Environment(image=training.job.image),
        environment_variables=dict(_ENVIRONMENT),
        compute=training.job.compute,
        inputs={DATA: Input(type="uri_folder", path=data)},
        outputs={OUTPUT: Output(type="uri_folder")},
        tags=tags,
        # of its own the SDK would add the address of the clone's remote, which may hold a password
        properties={f"mlflow.source.git.{key}": lineage[key] for key in ("commit",) if key in lineage},
    )


def command_line(clone: Clone, training: ClusterTraining) -> str:
    words = ["python", *(clone.model_command(training.model, "train") or ())]
    settings = [
        f"--set {shlex.quote(f'{key}={word(value)}')}" for key, value in sorted(training.hyperparameters.items())
    ]
    folders = f"--data ${{{{inputs.{DATA}}}}} --out ${{{{outputs.{OUTPUT}}}}}"
    return " ".join([*map(shlex.quote, words), folders, *settings])
