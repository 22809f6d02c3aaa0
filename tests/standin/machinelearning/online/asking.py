"""Endpoints and their door, asked without a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.standin.asking import GROUP, Answering, Asked, of_arm

WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/x"
REGION = "westeurope"


def path(endpoint: str, deployment: str = "") -> str:
    below = f"/deployments/{deployment}" if deployment else ""
    return f"{WORKSPACE}/onlineEndpoints/{endpoint}{below}"


def endpoint_body(**properties: Any) -> dict[str, Any]:
    return {
        "location": REGION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", **properties},
    }


async def arm(answering: Answering, method: str, where: str, body: object = None) -> tuple[int, dict[str, Any]]:
    status, text, _ = await answering.answered(of_arm(method, where), body=body)
    return status, json.loads(text) if text else {}


def why(answer: Mapping[str, Any]) -> str:
    """The reason in a refusal of the service behind Azure ML."""
    error = answer["error"]
    assert (error["code"], error["message"]) == ("BadRequest", "The request is invalid.")
    (inner,) = error["details"]
    ((_, (reason,)),) = json.loads(inner["message"].partition("error detail: ")[2])["errors"].items()
    return f"{inner['code']}: {reason}"


async def door(
    answering: Answering, endpoint: str, key: str, *, body: object = None, where: str = "/score", **headers: str
) -> tuple[int, str, Mapping[str, str]]:
    asked = Asked(method="POST", host=f"{endpoint}.{REGION}.inference.ml.azure.com", path=where, audience="")
    said = {"authorization": key, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await answering.answered(asked, headers=said, body=body)
