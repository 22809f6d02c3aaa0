"""Follows a job to its end: how it stands, which machines it waits for, and what it prints, in the resource's row.

A Ctrl-C cancels the job: nobody pays for what nobody waits for. A run that is killed leaves it, for the next one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cloud.arm import Arm
from cloud.azureml.jobs import Job, Jobs
from cloud.errors import ServiceError
from cloud.wording import one_line
from infra.provider.azureml.job_log import JobLog
from infra.provider.progress import Progress
from infra.provider.services.model_versions import API_VERSION
from infra.provider.undisturbed import AT_ONCE, PUT_BACK_LIMITS, Undisturbed
from pluginbase.resource import Cancelled, OperationContext, ProviderError

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 5.0
_RUNNING = "Running"


def follow(ctx: OperationContext, jobs: Jobs, workspace_id: str, job: Job, log: JobLog) -> Job:
    """The job as it ended."""
    progress, began = Progress(ctx), time.monotonic()
    try:
        while not job.has_ended:
            progress.tell(_how(ctx, workspace_id, job, log))
            passed = time.monotonic() - began
            ctx.wait(min(_LONGEST_PAUSE_SECONDS, max(_FIRST_PAUSE_SECONDS, passed / 20)))
            job = _there(jobs.get(job.name), job.name)
    except Cancelled as error:
        raise Cancelled(f"{error}; {_cancelled(ctx, workspace_id, job.name)}") from error
    return job


def _there(job: Job | None, name: str) -> Job:
    if job is None:
        raise ProviderError(f"the job {name} is gone from the workspace: run `up` again, and another one is sent")
    return job


def _how(ctx: OperationContext, workspace_id: str, job: Job, log: JobLog) -> str:
    if job.status == _RUNNING:
        log.read_on()
        return f"{job.name}: {one_line(log.last[-1], 160) if log.last else 'running'}"
    return f"{job.name}: {job.status.lower()}{_machines(ctx, workspace_id, job.compute)}"


def _machines(ctx: OperationContext, workspace_id: str, compute: str) -> str:
    """`; cpu-cluster has 0 of 1 machines`; nothing where Azure does not say."""
    try:
        body: Mapping[str, Any] = Arm(ctx, AT_ONCE).get(f"{workspace_id}/computes/{compute}", API_VERSION).body or {}
    except ServiceError:
        return ""
    cluster = (body.get("properties") or {}).get("properties") or {}
    there, most = cluster.get("currentNodeCount"), (cluster.get("scaleSettings") or {}).get("maxNodeCount")
    return "" if there is None or most is None else f"; {compute} has {there} of {most} machines"


def _cancelled(ctx: OperationContext, workspace_id: str, name: str) -> str:
    try:
        Jobs(Arm(Undisturbed(ctx), PUT_BACK_LIMITS), workspace_id).cancel(name)
    except ServiceError as error:
        return f"the job {name} could not be cancelled and may run on: {error}. `edgeway job cancel {name}`"
    return f"the job {name} is cancelled, the next `up` sends another one"
