"""What a job has left, as an artifact of this clone's store."""

from __future__ import annotations

import shutil

from clone.layout import Clone
from cloud.azureml.jobs import Job
from cloud.retrying import with_retries
from contracts.card import CARD_FILE
from infra.provider.azureml.submitting import OUTPUT
from infra.provider.full_disk import room_for
from infra.provider.scratch import scratch
from infra.provider.services.ml_client import Workspace, ml_client, quiet
from pluginbase.resource import OperationContext, ProviderError


def fetch_output(ctx: OperationContext, clone: Clone, workspace: Workspace, job: Job) -> str:
    """Its digest. What is fetched is digested here, so nobody has to be believed."""
    with room_for(f"the output of {job.name}"), scratch("job-output") as folder:
        into = folder / "output"

        def download() -> None:
            shutil.rmtree(into, ignore_errors=True)
            with quiet():
                ml_client(workspace).jobs.download(job.name, download_path=str(into), output_name=OUTPUT)

        ctx.status(f"fetching the output of {job.name}")
        with_retries(ctx, f"output of {job.name} in {workspace.name}", download)
        cards = sorted(into.rglob(CARD_FILE), key=lambda card: len(card.parts))
        try:
            return clone.artifacts.add(cards[0].parent if cards else into)
        except OSError as error:
            raise ProviderError(
                f"the job {job.name} completed and left no whole artifact: {error}. A higher train.attempt trains anew"
            ) from error


def registered_from(job: str) -> str:
    """The address of the output, from which the workspace registers a model without an upload."""
    return f"azureml://jobs/{job}/outputs/{OUTPUT}/paths/"
