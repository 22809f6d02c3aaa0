"""Clusters with Azure ML's extension, asked without a socket."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import trustme

from standin.core.arm.paths import merge
from tests.standin.asking import GROUP, Answering, of_arm

CNAME = "scoring.example.org"
AUTHORITY = trustme.CA()


def cluster_path(name: str = "aks") -> str:
    return f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/{name}"


def extension_path(cluster: str = "aks", name: str = "azureml") -> str:
    return f"{cluster_path(cluster)}/providers/Microsoft.KubernetesConfiguration/extensions/{name}"


def cluster_body(*, size: str = "Standard_D2s_v3", nodes: int = 3, **more: Any) -> dict[str, Any]:
    pool = {"name": "system", "mode": "System", "vmSize": size, "count": nodes}
    body = {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {"dnsPrefix": "edgeway", "agentPoolProfiles": [pool]},
    }
    made: dict[str, Any] = merge(body, more)
    return made


def protected(*names: str) -> dict[str, str]:
    """The certificate of these names with its key, as the extension takes them."""
    leaf = AUTHORITY.issue_cert(*names)
    chain = b"".join(part.bytes() for part in leaf.cert_chain_pems)
    files = {"scoringFe.sslCert": chain, "scoringFe.sslKey": leaf.private_key_pem.bytes()}
    return {name: base64.b64encode(content).decode() for name, content in files.items()}


def extension_body(
    cname: str | None = CNAME, *, secrets: dict[str, str] | None = None, **settings: str
) -> dict[str, Any]:
    named = {"sslCname": cname} if cname else {}
    return {
        "properties": {
            "extensionType": "Microsoft.AzureML.Kubernetes",
            "autoUpgradeMinorVersion": True,
            "releaseTrain": "stable",
            "scope": {"cluster": {"releaseNamespace": "azureml"}},
            "configurationSettings": {
                "enableInference": "True",
                "inferenceRouterServiceType": "LoadBalancer",
                **named,
                **settings,
            },
            "configurationProtectedSettings": protected(cname or "x") if secrets is None else secrets,
        }
    }


async def asked(answering: Answering, method: str, where: str, body: object = None) -> tuple[int, dict[str, Any]]:
    status, text, _ = await answering.answered(of_arm(method, where), body=body)
    return status, json.loads(text) if text else {}


async def made(answering: Answering, where: str, body: object) -> dict[str, Any]:
    """Until it has succeeded or failed."""
    status, answer = await asked(answering, "PUT", where, body)
    assert status in (200, 201), answer
    while answer["properties"].get("provisioningState") in ("Creating", "Updating"):
        await asyncio.sleep(0.001)
        answer = (await asked(answering, "GET", where))[1]
    return answer


async def deleted(answering: Answering, where: str) -> None:
    """Until nothing is there."""
    assert (await asked(answering, "DELETE", where))[0] in (200, 202, 204)
    while True:
        if (await asked(answering, "GET", where))[0] != 200:
            return
        await asyncio.sleep(0.001)


async def with_extension(answering: Answering, name: str = "aks") -> None:
    await made(answering, cluster_path(name), cluster_body(nodes=3))
    await made(answering, extension_path(name), extension_body())
