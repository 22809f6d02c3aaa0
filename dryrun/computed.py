"""What the two providers answer to a create: ids, and outputs that are more than the inputs.

A type of `mledge` needs a line in `_mledge` only where it has outputs of its own.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clone.digests import of_json
from standin.plugin.kinds import BY_TOKEN

SUBSCRIPTION = "00000000-0000-0000-0000-0000000000a1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who deploys, and where to: what the program asks `getClientConfig` for."""

    subscription_id: str = SUBSCRIPTION
    tenant_id: str = "00000000-0000-0000-0000-0000000000a2"
    object_id: str = "00000000-0000-0000-0000-0000000000a3"
    idtyp: str = "app"
    """What its token says of it: `app` or `user`."""


NOBODY = Client()
LOGIN_SERVER = "127.0.0.1:20002"


def computed(type_token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return _mledge(type_token, inputs) if type_token.startswith("mledge:") else _azure(type_token, name, inputs)


def identifier(type_token: str, name: str, inputs: Mapping[str, Any], subscription_id: str = SUBSCRIPTION) -> str:
    """The resource id that ARM gives, or a plain one for our provider's types."""
    if type_token.startswith("mledge:"):
        return f"{type_token}/{name}"
    return BY_TOKEN[azure_token(type_token)].id(subscription_id, dict(inputs))


def azure_token(type_token: str) -> str:
    """`<module>:<Class>`, without package and pinned version."""
    return re.sub(r"^azure-native:(\w+)(/v\w+)?:", r"\1:", type_token)


_PATH_NAMES = (
    "registryName", "scopeMapName", "tokenName", "accountName", "vaultName", "computeName", "endpointName",
    "workspaceName", "containerGroupName", "resourceName", "resourceGroupName", "roleAssignmentName",
    "runCommandName", "vmName", "networkInterfaceName", "virtualNetworkName", "networkSecurityGroupName",
    "natGatewayName", "publicIpAddressName",
)  # fmt: skip


def _azure(type_token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    own = {
        "ScopeMap": "scopeMapName",
        "Token": "tokenName",
        "ResourceGroup": "resourceGroupName",
    }.get(type_token.rpartition(":")[2])
    keys = [own] if own else [key for key in _PATH_NAMES if key != "resourceGroupName"]
    computed: dict[str, Any] = {"name": next((inputs[key] for key in keys if key in inputs), name)}
    short = type_token.rpartition(":")[2]
    if short == "UserAssignedIdentity":
        computed["principalId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        computed["clientId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}-client"))
    if short == "Registry":
        computed["loginServer"] = LOGIN_SERVER
    if short == "ManagedCluster":
        principal = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}-machines"))
        computed["identityProfile"] = {"kubeletidentity": {"objectId": principal}}
    if short == "Extension":
        principal = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}-extension"))
        computed["aksAssignedIdentity"] = {"principalId": principal, "tenantId": NOBODY.tenant_id}
    if short == "VirtualMachine":
        computed["vmId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}-machine"))
    if short == "ContainerGroup":
        computed["ipAddress"] = {**inputs["ipAddress"], "ip": "127.0.0.9", "fqdn": f"{name}.example"}
    identity = inputs.get("identity")
    if isinstance(identity, Mapping) and isinstance(identity.get("userAssignedIdentities"), list):
        # a list of ids goes in, a mapping comes out
        computed["identity"] = {
            **identity,
            "userAssignedIdentities": {i: {} for i in identity["userAssignedIdentities"]},
        }
    return computed


def _mledge(type_token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    # a threshold is checked, and a job is a place: nothing is learned from them
    digest = of_json({name: value for name, value in inputs.items() if name not in ("thresholds", "job")})
    computed: dict[str, dict[str, Any]] = {
        "TrainingRun": {
            "digest": digest,
            "version": digest[:12],
            "metrics": {"accuracy": 0.99},
            "card": {"schema": 1},
            "lineage": {"job": "none"},
        },
        "RegisteredModel": {"version": digest[:12], "modelId": f"/models/{digest[:12]}"},
        "Image": {
            "ref": f"{inputs.get('loginServer')}/{inputs.get('repository')}@sha256:{digest}",
            "imageDigest": f"sha256:{digest}",
        },
        "Gate": {"ref": inputs.get("ref"), "memoryPeakMb": 90.0, "startedInSeconds": 1.0, "latencyMs": 0.5},
        "TokenPassword": {
            "username": inputs.get("tokenName"),
            "password": f"canary-token-password-{inputs.get('rotation', 0)}",
            "passwordName": "password1",
            "expiry": "2027-11-21T00:00:00Z",
        },
        "DeviceIdentity": {"generationId": "1"},
        "EdgeDeployment": {"configurationId": inputs.get("name"), "contentDigest": digest, "effectivePriority": 20},
        "Certificate": {
            "certificatePem": "certificate",
            "privateKeyPem": "canary-private-key",
            "caPem": "ca",
            "notAfter": "2029-02-23T00:00:00Z",
        },
        "Key": {"value": "canary-scoring-key"},
        "OnlineModel": _served_by(f"m{digest[:12]}"),
    }
    return computed.get(type_token.rpartition(":")[2], {})


def _served_by(deployment: str) -> dict[str, Any]:
    url = "https://endpoint.westeurope.inference.ml.azure.com/score"
    return {"deployment": deployment, "shares": {deployment: 100}, "scoringUri": url, "address": "127.0.0.8"}
