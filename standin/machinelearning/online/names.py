"""What endpoints and deployments are called, and where an endpoint is asked.

https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas#azure-machine-learning-online-endpoints-and-batch-endpoints
"""

from __future__ import annotations

import re

from standin.core.arm import Resource

ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
DEPLOYMENTS = f"{ENDPOINTS}/deployments"
DOMAIN = ".inference.ml.azure.com"
_NAME = re.compile(r"(?=.{3,32}$)[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*")
RULE = "3 to 32 letters, digits and single dashes, beginning with a letter and ending with a letter or digit"


KUBERNETES = "Kubernetes"
_TOGETHER = range(6, 63)


def is_kubernetes(resource: Resource) -> bool:
    """Of an endpoint or a deployment."""
    return str(resource.body.get("kind", "")).lower() == KUBERNETES.lower()


def are_names_on_kubernetes(endpoint: str, deployment: str) -> bool:
    """What Kubernetes calls a deployment holds both."""
    return len(endpoint) + len(deployment) in _TOGETHER


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def host_of(endpoint: str, region: str) -> str:
    return f"{endpoint}.{region}{DOMAIN}".lower()
