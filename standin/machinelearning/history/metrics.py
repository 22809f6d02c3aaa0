"""Numbers that a script logs while it runs: MLflow's own REST, at the workspace's tracking address.

https://mlflow.org/docs/latest/rest-api.html
https://learn.microsoft.com/azure/machine-learning/how-to-use-mlflow-configure-tracking
A job's container has address and token in MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, as mlflow itself reads them.
Azure's own scheme in that address needs the package azureml-mlflow; here it is https.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from standin.core.arm import Resource
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, Route, json_response
from standin.core.obeys import obeys
from standin.machinelearning.history.access import RunAccess
from standin.machinelearning.jobs.jobs import Jobs
from standin.machinelearning.jobs.record import Logged, Record

T = TypeVar("T")

_ROOT = "/mlflow/v1.0/{workspace:path}/api/2.0/mlflow/"
_STATUS = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}


class Metric(msgspec.Struct, kw_only=True):
    key: str
    value: float
    timestamp: int = 0
    step: int = 0


class Named(msgspec.Struct, kw_only=True):
    """A parameter or a tag."""

    key: str
    value: str


class Batch(msgspec.Struct, kw_only=True):
    metrics: list[Metric] = []
    params: list[Named] = []
    tags: list[Named] = []


class Metrics:
    def __init__(self, jobs: Jobs, access: RunAccess, logged: Logged) -> None:
        self._jobs = jobs
        self._access = access
        self._log = logged

    def routes(self) -> Sequence[Route]:
        run, named = "run_id run_uuid", "key value"
        said = "metrics.key metrics.value metrics.timestamp metrics.step params.key params.value tags.key tags.value"
        posts = (
            ("runs/log-metric", self._log_metric, f"{run} {named} timestamp step"),
            ("runs/log-parameter", self._log_parameter, f"{run} {named}"),
            ("runs/set-tag", self._set_tag, f"{run} {named}"),
            ("runs/log-batch", self._log_batch, f"{run} {said}"),
            # the end of a run is the job's; MLflow says it of itself
            ("runs/update", self._update, f"{run} status end_time run_name"),
        )
        return (
            *(Route("POST", _ROOT + path, handler, obeys=obeys(fields=fields)) for path, handler, fields in posts),
            Route("GET", _ROOT + "runs/get", self._get, obeys=obeys(query=run)),
            Route("GET", _ROOT + "metrics/get-history", self._history, obeys=obeys(query=f"{run} metric_key")),
        )

    async def _log_metric(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return self._logged(request, parameters, Batch(metrics=[_read(request, Metric)]))

    async def _log_parameter(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return self._logged(request, parameters, Batch(params=[_read(request, Named)]))

    async def _set_tag(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return self._logged(request, parameters, Batch(tags=[_read(request, Named)]))

    async def _log_batch(self, request: Request, parameters: Mapping[str, str]) -> Response:
        return self._logged(request, parameters, _read(request, Batch))

    async def _update(self, request: Request, parameters: Mapping[str, str]) -> Response:
        job = self._job(request, parameters, request.json_object(), write=True)
        return json_response({"run_info": _info(job, self._jobs.record(job))})

    async def _get(self, request: Request, parameters: Mapping[str, str]) -> Response:
        job = self._job(request, parameters, request.query)
        logged = {kind: self._log.all(job.key, kind) for kind in ("metrics", "params", "tags")}
        newest = {one["key"]: one for one in logged["metrics"]}
        data = {**logged, "metrics": list(newest.values())}
        return json_response({"run": {"info": _info(job, self._jobs.record(job)), "data": data}})

    async def _history(self, request: Request, parameters: Mapping[str, str]) -> Response:
        job = self._job(request, parameters, request.query)
        key = request.query.get("metric_key")
        return json_response({"metrics": [one for one in self._log.all(job.key, "metrics") if one["key"] == key]})

    # -- what was logged

    def _logged(self, request: Request, parameters: Mapping[str, str], batch: Batch) -> Response:
        job = self._job(request, parameters, request.json_object(), write=True)
        for index, metric in enumerate(batch.metrics):
            self._log.keep(job.key, "metrics", f"{time.time_ns():020d}{index:06d}", msgspec.to_builtins(metric))
        for kind, named in (("params", batch.params), ("tags", batch.tags)):
            for one in named:
                self._log.keep(job.key, kind, one.key, msgspec.to_builtins(one))
        return json_response({})

    def _job(
        self, request: Request, parameters: Mapping[str, str], said: Mapping[str, Any], *, write: bool = False
    ) -> Resource:
        name = said.get("run_id") or said.get("run_uuid")
        if not isinstance(name, str):
            raise BadRequest("run_id must be the name of a job.", code="INVALID_PARAMETER_VALUE")
        return self._access.run(request, parameters["workspace"], name, write=write)


def _read(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.convert(request.json_object(), kind)
    except (msgspec.ValidationError, OverflowError) as problem:
        raise BadRequest(f"{problem}.", code="INVALID_PARAMETER_VALUE") from problem


def _info(job: Resource, record: Record) -> dict[str, Any]:
    return {
        "run_id": job.name,
        "run_uuid": job.name,
        "run_name": str(job.properties.get("displayName", job.name)),
        "experiment_id": str(job.properties.get("experimentName", "Default")),
        "status": _STATUS.get(record.status, "RUNNING"),
        "lifecycle_stage": "active",
        "artifact_uri": "",
    }
