"""A deployment as Azure answers it, read as the inputs that would make it: what differs is drift."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def live_inputs(
    endpoint: Mapping[str, Any], deployment: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """`inputs` are those of the row: what Azure only spells otherwise, or fills in, is no difference."""
    properties = deployment.get("properties") or {}
    requests = properties.get("requestSettings") or {}
    live = {
        "location": deployment.get("location"),
        "environmentId": properties.get("environmentId"),
        "modelId": properties.get("model"),
        "instanceType": properties.get("instanceType"),
        "instances": (deployment.get("sku") or {}).get("capacity"),
        "environmentVariables": _variables(properties.get("environmentVariables") or {}, inputs),
        "requestTimeoutSeconds": _seconds(requests.get("requestTimeout")),
        **_pod(properties),
        "concurrentRequests": requests.get("maxConcurrentRequestsPerInstance"),
        "tags": endpoint.get("tags") or {},
    }
    return {
        name: inputs[name] if _is_same(value, inputs.get(name)) else value
        for name, value in live.items()
        if value is not None
    }


def _pod(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing of a machine of Azure ML's own."""
    requested = (properties.get("containerResourceRequirements") or {}).get("containerResourceRequests") or {}
    live = {"cpu": _cores(requested.get("cpu")), "memoryMb": _mebibytes(requested.get("memory"))}
    return live if requested else {}


def _cores(quantity: object) -> float | None:
    """Of `500m` or `0.5`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m?)", str(quantity))
    return float(found[1]) / (1000 if found[2] else 1) if found else None


def _mebibytes(quantity: object) -> float | None:
    """Of `1024Mi` or `1Gi`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(Mi|Gi)", str(quantity))
    return float(found[1]) * (1024 if found[2] == "Gi" else 1) if found else None


def _variables(live: Mapping[str, str], inputs: Mapping[str, Any]) -> dict[str, str]:
    own = inputs.get("environmentVariables")
    return {name: value for name, value in live.items() if not isinstance(own, Mapping) or name in own}


def _is_same(live: Any, own: Any) -> bool:
    """ARM's ids and regions come back in another case."""
    return live == own or (isinstance(live, str) and isinstance(own, str) and live.lower() == own.lower())


def _seconds(duration: object) -> int | None:
    """Of a duration such as PT1M30S; None where it is none of whole minutes and seconds."""
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+)S)?", str(duration))
    return int(found[1] or 0) * 60 + int(found[2] or 0) if found else None
