"""A command job as its body describes it, checked and typed.

https://learn.microsoft.com/rest/api/azureml/jobs/create-or-update#commandjob
In its command `${{inputs.<name>}}` and `${{outputs.<name>}}` stand for values and paths:
https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import msgspec

from standin.machinelearning.jobs.errors import InvalidJob, JobNameTaken
from standin.machinelearning.kinds.durations import seconds

_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_NAMED = re.compile(r"\s*(inputs|outputs)\.([A-Za-z_]\w*)\s*", re.ASCII)
_OPTIONAL = "$[["
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}", re.ASCII)
_SHARED_MEMORY = re.compile(r"(\d{1,9})([bkmg]?)", re.ASCII)
_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
FIXED = (
    "codeId", "command", "computeId", "environmentId", "environmentVariables", "identity", "inputs", "jobType",
    "limits", "outputs", "resources",
)  # fmt: skip
"""What an update may not change."""

_Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w*$")]


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    description: str | None = None
    job_input_type: Literal["literal", "uri_file", "uri_folder"]
    value: str | None = None
    uri: str | None = None
    mode: Literal["ReadOnlyMount", "Download", "Direct"] = "ReadOnlyMount"


class Output(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    description: str | None = None
    job_output_type: Literal["uri_folder"]
    uri: str | None = None
    mode: Literal["ReadWriteMount", "Upload"] = "ReadWriteMount"


class Resources(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Of one node, in a container of Azure's own making."""

    instance_count: Literal[1] = 1
    properties: Annotated[dict[str, Any], msgspec.Meta(max_length=0)] = {}
    shm_size: str = "2g"


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    job_limits_type: Literal["Command"] = "Command"
    timeout: str | None = None


class Identity(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which of the compute's identities; none is said: its first."""

    identity_type: Literal["AMLToken", "Managed"]
    client_id: str | None = None
    resource_id: str | None = None


class Description(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    job_type: Literal["Command"]
    command: Annotated[str, msgspec.Meta(min_length=1)]
    compute_id: str
    environment_id: str
    code_id: str | None = None
    environment_variables: dict[str, str] = {}
    experiment_name: str = "Default"
    inputs: dict[_Word, Input] = {}
    outputs: dict[_Word, Output] = {}
    resources: Resources = Resources()
    limits: Limits = Limits()
    identity: Identity | None = None

    @property
    def shared_memory_bytes(self) -> int:
        matched = _SHARED_MEMORY.fullmatch(self.resources.shm_size.lower())
        if matched is None:
            raise InvalidJob(f"resources.shmSize is {self.resources.shm_size!r}; it must be a number and b, k, m or g.")
        return int(matched[1]) * _UNITS[matched[2]]

    @property
    def timeout_s(self) -> float | None:
        if self.limits.timeout is None:
            return None
        try:
            return seconds(self.limits.timeout)
        except ValueError as problem:
            raise InvalidJob(f"limits.timeout: {problem}.") from problem


def described(properties: Mapping[str, Any]) -> Description:
    """Raises InvalidJob, which names the field."""
    try:
        return msgspec.convert({name: value for name, value in properties.items() if value is not None}, Description)
    except msgspec.ValidationError as problem:
        raise InvalidJob(f"The job is not valid: {problem}.") from problem


def check(name: str, properties: Mapping[str, Any]) -> Description:
    """Raises InvalidJob."""
    if not _NAME.fullmatch(name):
        raise InvalidJob(
            f"The job name '{name}' is not valid: up to 255 letters, digits, '-' and '_', the first a letter or digit."
        )
    description = described(properties)
    check_command(description.command, description.inputs, description.outputs)
    for word, each in description.inputs.items():
        given = each.value if each.job_input_type == "literal" else each.uri
        if given is None:
            raise InvalidJob(f"inputs.{word} has no {'value' if each.job_input_type == 'literal' else 'uri'}.")
    if both := sorted(description.inputs.keys() & description.outputs.keys()):
        raise InvalidJob(f"'{both[0]}' is the name of an input and of an output.")
    _ = (description.shared_memory_bytes, description.timeout_s)
    return description


def check_unchanged(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """A name that was used stands for that job for good: raises JobNameTaken."""
    for name in FIXED:
        if (old.get(name) or None) != (new.get(name) or None):
            raise JobNameTaken(name)


def check_command(command: str, inputs: Collection[str], outputs: Collection[str]) -> None:
    if _OPTIONAL in command:
        raise InvalidJob("command: optional inputs ($[[...]]) are of components only.")
    known = {"inputs": inputs, "outputs": outputs}
    for hole in _HOLE.finditer(command):
        named = _NAMED.fullmatch(hole[1])
        if named is None or named[2] not in known[named[1]]:
            there = ", ".join([*(f"inputs.{one}" for one in inputs), *(f"outputs.{one}" for one in outputs)]) or "none"
            raise InvalidJob(f"command: {hole[0]!r} names no input or output of the job; there are: {there}.")


def filled(command: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """As it is run. Values stand there as they are, without quotes, as in Azure."""
    known = {"inputs": inputs, "outputs": outputs}

    def value(hole: re.Match[str]) -> str:
        named = _NAMED.fullmatch(hole[1])
        return known[named[1]][named[2]] if named else hole[0]

    return _HOLE.sub(value, command)
