"""Trains on a cluster, and pays for no training twice.

A job's name is made of its training's inputs, so what became of them is found by asking: a job that has completed is
taken, one that is on its way is followed, one that failed has the next number tried, once an `up`.
"""

from __future__ import annotations

from itertools import count

from clone.layout import Clone
from clone.training_inputs import training_code
from cloud.arm import Arm
from cloud.azureml.jobs import COMPLETED, FAILED, Job, Jobs
from cloud.errors import ServiceError
from infra.provider.azureml import lineage
from infra.provider.azureml.following import follow
from infra.provider.azureml.job_log import JobLog
from infra.provider.azureml.output import fetch_output
from infra.provider.azureml.submitting import submit
from infra.provider.azureml.training import TAG_INPUTS, ClusterTraining
from infra.provider.services.ml_client import require
from pluginbase.resource import OperationContext, ProviderError

_ENDING = "CancelRequested"


def train_on_cluster(ctx: OperationContext, clone: Clone, training: ClusterTraining) -> str:
    """The digest of the artifact, which is in the store when this returns."""
    workspace = training.job.workspace
    require(ctx, workspace)
    jobs = Jobs(Arm(ctx), workspace.id)
    _end_abandoned(ctx, jobs, training)
    number, job = _found(ctx, jobs, training)
    name = training.name(number)
    if job is None:
        submit(
            ctx, clone, training, jobs, name, lineage.of_clone(clone.root, training_code(clone.root, training.model))
        )
        job = jobs.get(name) or Job(name=name, status="NotStarted", tags={}, compute="", created="", studio="")
    else:
        ctx.log(f"{training.model} has a job with these inputs: {name}, {job.status.lower()}")
    log = JobLog(ctx, workspace.id, name)
    job = follow(ctx, jobs, workspace.id, job, log)
    if job.status != COMPLETED:
        raise _failure(training, job, log, training.name(number + 1))
    digest = fetch_output(ctx, clone, workspace, job)
    lineage.remember(clone, training.inputs_digest, digest, lineage.of_job(job))
    return digest


def _end_abandoned(ctx: OperationContext, jobs: Jobs, training: ClusterTraining) -> None:
    """What a killed `up` has left, where this one is of other inputs: nobody pays for what nobody waits for."""
    for job in [one for one in jobs.all() if training.is_abandoned(one)]:
        try:
            jobs.cancel(job.name)
        except ServiceError as error:
            ctx.log(f"the job {job.name}, which no `up` waits for, could not be cancelled: {error}", "warning")
        else:
            ctx.log(
                f"the job {job.name} is cancelled: it trains {training.model} with other inputs than are wanted now"
            )


def _found(ctx: OperationContext, jobs: Jobs, training: ClusterTraining) -> tuple[int, Job | None]:
    """The number, and the job that has it; None where it is to be sent."""
    for number in count(1):
        job = jobs.get(training.name(number))
        if job is None:
            return number, None
        if (inputs := job.tags.get(TAG_INPUTS)) != training.inputs_digest:
            raise ProviderError(
                f"the job {job.name} of {training.job.workspace_name} is of the inputs {inputs!r}, not of "
                f"{training.inputs_digest!r}: give the model another train.attempt"
            )
        if job.status == _ENDING:
            workspace_id = training.job.workspace.id
            job = follow(ctx, jobs, workspace_id, job, JobLog(ctx, workspace_id, job.name))
        if job.status not in FAILED:
            return number, job
    raise AssertionError("there is no last number")


def _failure(training: ClusterTraining, job: Job, log: JobLog, following: str) -> ProviderError:
    """With the last of what it printed, and where the rest is."""
    log.read_on()
    became = "was cancelled" if job.status == "Canceled" else "failed"
    why = f": {log.error}" if log.error else ""
    where = f"`edgeway job logs {job.name} --stack {training.stack}` prints all of it"
    page = f"; its page is {job.studio}" if job.studio else ""
    said = "\n".join(log.last) or "(it printed nothing)"
    return ProviderError(
        f"the job {job.name} {became} on {training.job.compute}{why}\n{said}\n{where}{page}. The next `up` sends "
        f"{following}"
    )
