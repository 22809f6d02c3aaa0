"""Azure ML by `az rest` and `az resource`: the extension `ml` is in no package registry, so it is not judged."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

from judges.az.operation import Operation, ok, refused, unbuilt

_REGION = "westeurope"
_PROVIDERS = "{scope}/providers"
_LAB = f"{_PROVIDERS}/Microsoft.MachineLearningServices/workspaces/mlw-az"
_IDENTITY = {"type": "SystemAssigned"}


def _rest(method: str, path: str, version: str = "2025-12-01", body: Any = None) -> str:
    sent = "" if body is None else f" --body {shlex.quote(_said(body))}"
    return f"rest --method {method} --url 'https://management.azure.com{path}?api-version={version}'{sent}"


def _said(body: Any) -> str:
    """For `str.format`, which fills in `{scope}` alone."""
    return json.dumps(body).replace("{", "{{").replace("}", "}}").replace("{{scope}}", "{scope}")


def _tracked(**properties: Any) -> dict[str, Any]:
    return {"location": _REGION, "properties": properties}


def _cluster(size: str) -> dict[str, Any]:
    scale = {"minNodeCount": 0, "maxNodeCount": 1}
    return _tracked(computeType="AmlCompute", properties={"vmSize": size, "scaleSettings": scale})


_INSIGHTS = f"{_PROVIDERS}/Microsoft.Insights/components/appi-az"
_WORKSPACE = _tracked(
    storageAccount=f"{_PROVIDERS}/Microsoft.Storage/storageAccounts/stjudgedaz",
    keyVault=f"{_PROVIDERS}/Microsoft.KeyVault/vaults/kv-judged-az-ml",
    applicationInsights=_INSIGHTS,
)
_JOB = {
    "jobType": "Command",
    "command": "sleep 600",
    "computeId": f"{_LAB}/computes/cpu-az",
    "environmentId": f"{_LAB}/environments/training/versions/1",
}
_ENDPOINT = f"{_LAB}/onlineEndpoints/ep-judged-az"


def learning(group: str) -> Sequence[Operation]:
    """Stands on the group and on its account."""
    return (*_workspace(group), *_training(), *_endpoint(), ok(_rest("delete", _LAB)))


def _workspace(group: str) -> Sequence[Operation]:
    within = f"-g {group}"
    kinds = "--resource-type Microsoft.MachineLearningServices/workspaces"
    return (
        ok(f"keyvault create -n kv-judged-az-ml {within} -l {_REGION} --retention-days 7"),
        ok(_rest("put", _INSIGHTS, "2020-02-02", {"kind": "web", **_tracked(Application_Type="web")}), name="appi-az"),
        ok(_rest("put", _LAB, body={"identity": _IDENTITY, **_WORKSPACE}), properties__provisioningState="Succeeded"),
        ok(f"resource show {within} -n mlw-az {kinds}", kind="Default"),
        ok(f"resource list {within} {kinds}", n=1),
    )


def _training() -> Sequence[Operation]:
    return (
        ok(
            _rest("put", f"{_LAB}/computes/cpu-az", body=_cluster("Standard_DS3_v2")),
            properties__properties__vmSize="Standard_DS3_v2",
        ),
        ok(_rest("get", f"{_LAB}/computes"), value__0__name="cpu-az"),
        refused(_rest("put", f"{_LAB}/computes/cpu-az", body=_cluster("Standard_DS2_v2")), "cannot be changed"),
        refused(_rest("put", f"{_LAB}/computes/other", body=_cluster("Standard_B2s")), "InvalidPropertyValue"),
        ok(
            _rest(
                "put",
                f"{_LAB}/environments/training/versions/1",
                body={"properties": {"image": "python:3.11-slim-bookworm"}},
            ),
            properties__environmentType="UserCreated",
        ),
        ok(_rest("put", f"{_LAB}/jobs/j", body={"properties": _JOB}), properties__jobType="Command"),
        ok(_rest("get", f"{_LAB}/jobs"), value__0__name="j"),
        ok(_rest("post", f"{_LAB}/jobs/j/cancel")),
        unbuilt(_rest("delete", f"{_LAB}/jobs/j"), "R-job-delete"),
        ok(_rest("delete", f"{_LAB}/computes/cpu-az")),
    )


def _endpoint() -> Sequence[Operation]:
    return (
        ok(
            _rest("put", _ENDPOINT, body={"identity": _IDENTITY, **_tracked(authMode="Key")}),
            properties__authMode="Key",
        ),
        ok(f"{_rest('post', f'{_ENDPOINT}/listKeys')} --query 'keys(@)'", n=2),
        ok(_rest("post", f"{_ENDPOINT}/regenerateKeys", body={"keyType": "Secondary"})),
        refused(
            _rest("put", _ENDPOINT, body={"identity": _IDENTITY, **_tracked(authMode="Key", traffic={"blue": 100})}),
            "The request is invalid",
        ),
        ok(_rest("get", f"{_ENDPOINT}/deployments"), value=[]),
        ok(_rest("delete", _ENDPOINT)),
    )
