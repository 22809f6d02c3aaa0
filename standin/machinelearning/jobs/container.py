"""What of a job is its container's: where its files lie, what its variables say, how much of the machine it gets.

The paths are those that Azure's own nodes have: scripts and logs show them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from standin.containers.docker_host import DockerHost
from standin.containers.images import Image
from standin.containers.job.spec import Job as Container
from standin.core.arm import Resource
from standin.machinelearning.clusters.sizes import size_named
from standin.machinelearning.jobs.description import Description, filled
from standin.machinelearning.jobs.errors import JobFailed
from standin.machinelearning.jobs.files import Placed

KIND = "ml-job"
_CA = "/mnt/azureml/ca.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """How a script in the container reaches run history, and nothing else."""

    tls_port: int
    ca_pem: Path

    def variables(self, job: Resource, region: str, token: str) -> dict[str, str]:
        workspace = job.parent_id
        return {
            "MLFLOW_TRACKING_URI": f"https://{_host(region)}:{self.tls_port}/mlflow/v1.0{workspace}",
            "MLFLOW_TRACKING_TOKEN": token,
            # of MLflow alone, so that other clients in the job go on trusting whom they trust
            "MLFLOW_TRACKING_SERVER_CERT_PATH": _CA,
        }

    def hosts(self, region: str, bridge: str) -> dict[str, str]:
        return {_host(region): bridge}

    def files(self) -> dict[str, bytes]:
        return {_CA: self.ca_pem.read_bytes()}


class Places:
    """Paths inside the container of a job."""

    def __init__(self, job: Resource) -> None:
        self.root = f"/mnt/azureml/cr/j/{hashlib.sha256(job.key.encode()).hexdigest()[:32]}"
        self.work = f"{self.root}/exe/wd"
        self._data = f"{self.root}/cap/data-capability/wd"

    def input(self, name: str) -> str:
        return f"{self._data}/INPUT_{name}"

    def output(self, name: str) -> str:
        return f"{self._data}/{name}"

    def folders(self, description: Description) -> list[str]:
        inputs = [self.input(name) for name, each in description.inputs.items() if each.uri]
        return [self.root, self.work, self._data, *inputs, *(self.output(name) for name in description.outputs)]


def name_of(docker: DockerHost, job: Resource) -> str:
    """Of the container and its network."""
    return f"{docker.prefix}job-{hashlib.sha256(job.key.encode()).hexdigest()[:12]}"


def values_of(places: Places, description: Description, files: Mapping[str, Placed]) -> tuple[dict[str, str], ...]:
    """What stands for each input and each output. `files` are the inputs that are one file."""
    inputs = {}
    for name, each in description.inputs.items():
        if each.job_input_type == "literal":
            inputs[name] = str(each.value)
        elif each.mode == "Direct":
            inputs[name] = str(each.uri)
        else:
            inputs[name] = files[name].path if name in files else places.input(name)
    return inputs, {name: places.output(name) for name in description.outputs}


def container_of(
    docker: DockerHost,
    job: Resource,
    description: Description,
    image: Image,
    *,
    vm_size: str,
    values: tuple[dict[str, str], ...],
    variables: Mapping[str, str],
    hosts: Mapping[str, str],
) -> Container:
    inputs, outputs = values
    size = size_named(vm_size)
    if size is None:  # no cluster is made of it
        raise JobFailed(f"There are no machines of the size '{vm_size}'.")
    return Container(
        kind=KIND,
        name=name_of(docker, job),
        image=image.id,
        command=("/bin/bash", "-c", filled(description.command, inputs, outputs)),
        folder=Places(job).work,
        environment={**description.environment_variables, **_variables(job, description, inputs, outputs), **variables},
        cpu=size.cores,
        memory_gb=size.memory_gb,
        shared_memory_bytes=description.shared_memory_bytes,
        hosts=hosts,
    )


def _variables(
    job: Resource, description: Description, inputs: Mapping[str, str], outputs: Mapping[str, str]
) -> dict[str, str]:
    """Those that Azure sets. https://learn.microsoft.com/azure/machine-learning/how-to-train-model"""
    return {
        "AZUREML_RUN_ID": job.name,
        "MLFLOW_RUN_ID": job.name,
        "AZUREML_ARM_SUBSCRIPTION": job.parts.subscription,
        "AZUREML_ARM_RESOURCEGROUP": job.group,
        "AZUREML_ARM_WORKSPACE_NAME": job.parent_id.rpartition("/")[2],
        "AZUREML_ARM_PROJECT_NAME": description.experiment_name,
        "MLFLOW_EXPERIMENT_NAME": description.experiment_name,
        **{f"AZURE_ML_INPUT_{name}": value for name, value in inputs.items()},
        **{f"AZURE_ML_OUTPUT_{name}": value for name, value in outputs.items()},
    }


def _host(region: str) -> str:
    return f"{region}.api.azureml.ms"
