"""What Azure lacks for a stack: sign-in, provider registrations, roles, quotas, and names that a dead run left locked.

Only GETs. https://learn.microsoft.com/rest/api/resources/providers/list and the services' usage lists.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

from cli.needs.need import Need
from cli.stack.file import stack_config

ARM = "https://management.azure.com"
PROVIDERS = (
    "Microsoft.ManagedIdentity",
    "Microsoft.OperationalInsights",
    "Microsoft.Insights",
    "Microsoft.Storage",
    "Microsoft.KeyVault",
    "Microsoft.ContainerRegistry",
    "Microsoft.MachineLearningServices",
    "Microsoft.ContainerInstance",
    "Microsoft.Devices",
)
ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
}
# What `up` needs -> roles of which one is enough.
RIGHTS = {
    "make resources": ("Owner", "Contributor"),
    "assign roles": ("Owner", "Role Based Access Control Administrator", "User Access Administrator"),
    "delete vault secrets": ("Key Vault Secrets Officer", "Key Vault Administrator"),
    "upload models": ("Storage Blob Data Contributor", "Storage Blob Data Owner"),
}


class ArmReader:
    """ARM's GET with the signed-in identity."""

    def __init__(self, subscription: str) -> None:
        from azure.core import PipelineClient
        from azure.core.pipeline.policies import BearerTokenCredentialPolicy, HeadersPolicy, RetryPolicy
        from azure.identity import DefaultAzureCredential

        self._credential = DefaultAzureCredential()
        scope = f"{ARM}/.default"
        policies = [HeadersPolicy(), RetryPolicy(), BearerTokenCredentialPolicy(self._credential, scope)]
        self._client: Any = PipelineClient(ARM, policies=policies)
        self.subscription = subscription

    def principal(self) -> str:
        """The object id of who is signed in: the token's `oid`."""
        payload = self._credential.get_token(f"{ARM}/.default").token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["oid"])

    def get(self, path: str, api_version: str, **query: str) -> Any:
        from azure.core.rest import HttpRequest

        url = f"/subscriptions/{self.subscription}{path}"
        response = self._client.send_request(HttpRequest("GET", url, params={"api-version": api_version, **query}))
        response.raise_for_status()
        return response.json()


def needs(stack: str) -> list[Need]:
    subscription = os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")
    if not subscription:
        remedy = "`az login`, then export AZURE_SUBSCRIPTION_ID (`az account show --query id`)"
        return [Need(name="subscription", ok=False, found="AZURE_SUBSCRIPTION_ID is not set", remedy=remedy)]
    arm = ArmReader(subscription)
    location = str(stack_config(stack).get("location", ""))
    signed_in = _asked("sign-in", lambda: [_sign_in(arm)], "`az login`, or OIDC: docs/azure.md")
    if not signed_in[0].ok:
        return signed_in
    return [
        *signed_in,
        *_asked("provider registrations", lambda: registrations(arm), "ask for Reader on the subscription"),
        *_asked("roles", lambda: roles(arm), "ask for Reader on the subscription"),
        *_asked("container cores", lambda: container_quota(arm, location), "register Microsoft.ContainerInstance"),
        *_asked("iot hubs", lambda: hub_quota(arm), "register Microsoft.Devices"),
        *_asked("deleted vaults", lambda: deleted_vaults(arm), "ask for deletedVaults/read on the subscription"),
    ]


def _asked(name: str, ask: Callable[[], list[Need]], remedy: str) -> list[Need]:
    from azure.core.exceptions import AzureError

    try:
        return ask()
    except AzureError as error:
        return [Need(name=name, ok=False, found=" ".join(str(error).split())[:200], remedy=remedy, needed_by="up")]


def _sign_in(arm: ArmReader) -> Need:
    found = arm.get("", "2022-12-01")
    return Need(name="sign-in", ok=True, found=f"{found.get('displayName', '')} {arm.subscription}".strip())


def registrations(arm: ArmReader) -> list[Need]:
    needs = []
    for namespace in PROVIDERS:
        state = str(arm.get(f"/providers/{namespace}", "2021-04-01").get("registrationState", "unknown"))
        remedy = f"az provider register --namespace {namespace}"
        needs.append(Need(name=namespace, ok=state == "Registered", found=state, remedy=remedy, needed_by="up"))
    return needs


def roles(arm: ArmReader) -> list[Need]:
    query = {"$filter": f"assignedTo('{arm.principal()}')"}
    listed = arm.get("/providers/Microsoft.Authorization/roleAssignments", "2022-04-01", **query)
    guids = {
        str(entry["properties"]["roleDefinitionId"]).rpartition("/")[2].lower() for entry in listed.get("value", ())
    }
    held = {ROLES[guid] for guid in guids if guid in ROLES}
    return [
        Need(
            name=f"right to {right}",
            ok=bool(held & set(enough)),
            found=", ".join(sorted(held & set(enough))) or "not at the subscription",
            remedy=f"one of: {', '.join(enough)} (at the resource group is enough); docs/azure.md",
            needed_by="up",
        )
        for right, enough in RIGHTS.items()
    ]


def container_quota(arm: ArmReader, location: str) -> list[Need]:
    path = f"/providers/Microsoft.ContainerInstance/locations/{location}/usages"
    usages = arm.get(path, "2023-05-01").get("value", ())
    return [
        Need(
            name=f"quota {entry['name']['value']}",
            ok=entry["currentValue"] < entry["limit"],
            found=f"{entry['currentValue']} of {entry['limit']} in {location}",
            remedy="ask for more, or use another region",
            needed_by="the scoring service",
        )
        for entry in usages
        if entry["name"]["value"] in ("ContainerGroups", "StandardCores")
    ]


def hub_quota(arm: ArmReader) -> list[Need]:
    usages = arm.get("/providers/Microsoft.Devices/usages", "2023-06-30").get("value", ())
    return [
        Need(
            name=f"quota {entry['name']['value']}",
            ok=int(entry["currentValue"]) < int(entry["limit"]),
            found=f"{entry['currentValue']} of {entry['limit']} hubs",
            remedy="delete a hub, or ask for more",
            needed_by="the IoT Hub",
        )
        for entry in usages
        if int(entry.get("limit") or 0) > 0
    ]


def deleted_vaults(arm: ArmReader) -> list[Need]:
    """A vault that a dead destroy left soft-deleted holds its name: the next `up` fails on it."""
    listed = arm.get("/providers/Microsoft.KeyVault/deletedVaults", "2026-02-01").get("value", ())
    ours = [str(entry["name"]) for entry in listed if str(entry["name"]).startswith("kv-edgeway-")]
    remedy = "; ".join(f"az keyvault purge -n {name}" for name in ours)
    found = f"soft-deleted: {', '.join(ours)}" if ours else "none"
    return [Need(name="deleted vaults", ok=not ours, found=found, remedy=remedy, needed_by="up")]
