"""What a job trains, with what and where: all that its name, its tags and its body are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from cloud.azureml.jobs import Job
from infra.provider.inputs import Inputs, Sha256, text
from infra.provider.services.ml_client import Workspace

TAG_INPUTS, TAG_STACK, TAG_DATA = "inputs", "stack", "data"
TAG_COMMIT, TAG_DIRTY = "commit", "dirty"
_DIGITS = 12


class JobInputs(Inputs, frozen=True):
    subscription_id: str
    resource_group_name: str
    workspace_name: str
    compute: str
    image: Annotated[str, text(r"[^@\s]+@sha256:[0-9a-f]{64}", "an image by its digest is wanted")]
    code_digest: Sha256

    @property
    def workspace(self) -> Workspace:
        return Workspace(
            subscription_id=self.subscription_id, resource_group=self.resource_group_name, name=self.workspace_name
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTraining:
    model: str
    inputs_digest: str
    data_sha256: str
    hyperparameters: Mapping[str, Any]
    job: JobInputs
    stack: str

    def name(self, number: int) -> str:
        """Azure ML lets a job's name be used once: what failed is tried again under the next number."""
        return f"{self.model}-{self.inputs_digest[:_DIGITS]}-{number}"

    def is_abandoned(self, job: Job) -> bool:
        """Whether it trains this model of this stack with other inputs: a stack has one `up` at a time, and this one
        waits for no such job."""
        of_the_model = re.fullmatch(rf"{re.escape(self.model)}-[0-9a-f]{{{_DIGITS}}}-\d+", job.name)
        is_ours = of_the_model is not None and job.tags.get(TAG_STACK) == self.stack
        return is_ours and not job.has_ended and job.tags.get(TAG_INPUTS) != self.inputs_digest

    @property
    def data_asset(self) -> tuple[str, str]:
        """Name and version."""
        return f"{self.model}-data", self.data_sha256[:_DIGITS]
