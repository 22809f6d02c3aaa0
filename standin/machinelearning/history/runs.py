"""Run history as azure-ai-ml reads it: details with log files, run data, and where outputs lie.

https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/ml/azure-ai-ml (`_restclient/runhistory`)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from standin.blob import Delegation
from standin.core.arm import Resource
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, Route, json_response
from standin.core.obeys import obeys
from standin.machinelearning.history.access import RunAccess
from standin.machinelearning.jobs.jobs import Jobs
from standin.machinelearning.jobs.means import LOG
from standin.machinelearning.jobs.record import Record

_RUNS = "/history/v1.0/{workspace:path}"
_DATA = "/data/v1.0/{workspace:path}/dataversion/batchGetResolvedUris"
_RUN_DATA = "runId selectRunMetadata selectRunDefinition selectJobSpecification"
_ASSET = re.compile(
    r"azureml://locations/[^/]+/workspaces/[^/]+/data/azureml_(?P<run>[\w-]+)_output_data_(?P<output>\w+)/versions/1"
)
_LOG_LIVES = timedelta(hours=24)


class History:
    def __init__(self, jobs: Jobs, access: RunAccess, delegation: Delegation) -> None:
        self._jobs = jobs
        self._access = access
        self._delegation = delegation

    def routes(self) -> Sequence[Route]:
        version = obeys(query="api-version")
        return (
            Route("GET", _RUNS + "/runs/{run}/details", self._details, obeys=version),
            Route("GET", _RUNS + "/runs/{run}", self._get, obeys=version),
            Route("POST", _RUNS + "/rundata", self._data, obeys=obeys(query="api-version", fields=_RUN_DATA)),
            Route("POST", _DATA, self._uris, obeys=obeys(query="api-version", fields="values")),
        )

    async def _details(self, request: Request, parameters: Mapping[str, str]) -> Response:
        job = self._access.run(request, parameters["workspace"], parameters["run"])
        logs = self._jobs.log_address(job)
        signed = {}
        if logs is not None:
            account, path = logs
            query = self._delegation.query(account, path, "r", _LOG_LIVES)
            signed[LOG] = f"https://{account}.blob.core.windows.net/{path}?{query}"
        return json_response({**_run(job, self._jobs.record(job)), "logFiles": signed, "warnings": []})

    async def _get(self, request: Request, parameters: Mapping[str, str]) -> Response:
        job = self._access.run(request, parameters["workspace"], parameters["run"])
        return json_response(_run(job, self._jobs.record(job)))

    async def _data(self, request: Request, parameters: Mapping[str, str]) -> Response:
        name = request.json_object().get("runId")
        if not isinstance(name, str):
            raise BadRequest("runId must be a text.", code="UserError")
        job = self._access.run(request, parameters["workspace"], name)
        record = self._jobs.record(job)
        outputs = self._assets(job) if record.over else {}
        return json_response({"runMetadata": {**_run(job, record), "outputs": outputs}})

    async def _uris(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Of those that are outputs of jobs."""
        values = request.json_object().get("values")
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise BadRequest("values must be a list of asset ids.", code="UserError")
        found: dict[str, dict[str, str]] = {}
        for value in values:
            if asset := _ASSET.fullmatch(value):
                job = self._access.run(request, parameters["workspace"], asset["run"])
                uri = self._jobs.outputs(job).get(asset["output"])
                if uri is not None:
                    found[value] = {"uri": uri, "type": "uri_folder"}
        return json_response({"values": found})

    def _assets(self, job: Resource) -> dict[str, dict[str, str]]:
        workspace = self._jobs.workspace(job)
        place = f"azureml://locations/{workspace.location}/workspaces/{workspace.private['workspaceId']}/data"
        return {
            name: {"assetId": f"{place}/azureml_{job.name}_output_data_{name}/versions/1", "type": "uri_folder"}
            for name in self._jobs.outputs(job)
        }


def _run(job: Resource, record: Record) -> dict[str, Any]:
    said = job.properties
    told: dict[str, Any] = {
        "runId": job.name,
        "status": record.status,
        "displayName": said.get("displayName", job.name),
        "target": str(said.get("computeId", "")).rpartition("/")[2],
        "createdTimeUtc": record.created or job.created_at,
        "startTimeUtc": record.started,
        "endTimeUtc": record.ended,
        "tags": said.get("tags") or {},
        "properties": {**(said.get("properties") or {}), **({"_azureml.NodeId": record.node} if record.node else {})},
    }
    if record.error is not None:
        told["error"] = {"error": {"code": record.error.code, "message": record.error.message}}
    return {name: value for name, value in told.items() if value is not None}
