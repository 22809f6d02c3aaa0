"""A deployment as it is sent to Azure, and its name, which says all of it that Azure does not change in place.

https://learn.microsoft.com/rest/api/azureml/online-deployments/create-or-update
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clone import digests

MARK_TAG = "edgewayMark"
_NAME_LENGTH = 12
# A large model loads for minutes; azure-native would send 2 s.
_PROBE = {"initialDelay": "PT10S", "period": "PT10S", "timeout": "PT5S", "failureThreshold": 30, "successThreshold": 1}


@dataclass(frozen=True, slots=True)
class Pod:
    """What each replica in Kubernetes is given, and may not pass."""

    cpu: float
    memory_mb: int

    def as_sent(self) -> dict[str, Any]:
        """https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""
        resources = {"cpu": f"{self.cpu:g}", "memory": f"{self.memory_mb}Mi"}
        return {"containerResourceRequests": resources, "containerResourceLimits": resources}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec:
    location: str
    environment_id: str
    model_id: str
    instance_type: str
    environment_variables: Mapping[str, str]
    request_timeout_seconds: int
    concurrent_requests: int
    """Of an instance; further ones wait in Azure, and are refused by 429."""
    pod: Pod | None = None
    """None: a machine of Azure ML's own."""

    @property
    def name(self) -> str:
        return f"m{digests.of_online_deployment({'location': self.location, **self._properties()})[:_NAME_LENGTH]}"

    def body(self, instances: int, tags: Mapping[str, str]) -> dict[str, Any]:
        return {
            "location": self.location,
            "kind": self._kind,
            "sku": {"name": "Default", "capacity": instances},
            "tags": dict(tags),
            "properties": self._properties(),
        }

    @property
    def _kind(self) -> str:
        return "Managed" if self.pod is None else "Kubernetes"

    def _properties(self) -> dict[str, Any]:
        own: dict[str, Any] = (
            {"egressPublicNetworkAccess": "Enabled"}
            if self.pod is None
            else {"containerResourceRequirements": self.pod.as_sent()}
        )
        return {
            "endpointComputeType": self._kind,
            "environmentId": self.environment_id,
            "model": self.model_id,
            "instanceType": self.instance_type,
            "environmentVariables": dict(self.environment_variables),
            "requestSettings": {
                "requestTimeout": f"PT{self.request_timeout_seconds}S",
                "maxConcurrentRequestsPerInstance": self.concurrent_requests,
            },
            "livenessProbe": _PROBE,
            "readinessProbe": _PROBE,
            "scaleSettings": {"scaleType": "Default"},
            "appInsightsEnabled": False,
            **own,
        }
