"""What azure-native's functions answer; any other than these is a defect: a reader may preview, so no key is listed."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.runtime import config

from dryrun.computed import Client
from infra.settings.tree import PROJECT

GROUP_NOWHERE = "rg-nowhere"
GROUP_ELSEWHERE = "rg-elsewhere"
"""Resource groups that somebody else made: not there, and in another region. Every other is where the stack is."""


class InvokeRefused(grpc.RpcError):
    """As the engine answers a function that a provider refuses."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


def answer(token: str, arguments: Mapping[str, Any], client: Client) -> dict[str, Any]:
    match token.removeprefix("azure-native:"):
        case "authorization:getClientConfig":
            who = {"clientId": client.object_id, "objectId": client.object_id}
            return {**who, "subscriptionId": client.subscription_id, "tenantId": client.tenant_id}
        case "authorization:getClientToken":
            claims = json.dumps({"idtyp": client.idtyp, "oid": client.object_id}).encode()
            return {"token": f"header.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"}
        case "resources:getResourceGroup":
            return _group(arguments["resourceGroupName"], client)
    raise AssertionError(f"the program calls {token}: a reader may preview, so no key is listed")


def _group(name: str, client: Client) -> dict[str, Any]:
    if name == GROUP_NOWHERE:
        raise InvokeRefused(f'Status=404 Code="ResourceGroupNotFound" Message="{name} could not be found."')
    location = "northeurope" if name == GROUP_ELSEWHERE else config.CONFIG.get()[f"{PROJECT}:location"]
    return {"id": f"/subscriptions/{client.subscription_id}/resourceGroups/{name}", "name": name, "location": location}
