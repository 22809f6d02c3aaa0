"""What Azure lacks for a stack: subscription, provider registrations, roles, quotas, names that a dead run left locked.

Only GETs. https://learn.microsoft.com/rest/api/resources/providers/list and the services' usage lists.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cli.azure import LIMITS, resource_manager, words
from cli.needs.need import Need
from cli.stack.environment import child_environment
from cli.stack.file import stack_config
from cloud.arm import ARM_SCOPE
from cloud.errors import ServiceError
from cloud.operation import Waiting
from cloud.retrying import with_retries
from cloud.roles import role_name
from cloud.sign_in import credential, object_id_of
from cloud.wording import one_line

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
# What `up` needs -> roles of which one is enough.
RIGHTS = {
    "make resources": ("Owner", "Contributor"),
    "assign roles": ("Owner", "Role Based Access Control Administrator", "User Access Administrator"),
    "delete vault secrets": ("Key Vault Secrets Officer", "Key Vault Administrator"),
    "upload models": ("Storage Blob Data Contributor", "Storage Blob Data Owner"),
}


class Subscription:
    """GETs of ARM below one subscription, with the signed-in identity; each raises ServiceError."""

    def __init__(self, subscription: str) -> None:
        self._arm = resource_manager()
        self.id = subscription

    def principal(self) -> str:
        """The object id of who is signed in."""
        return object_id_of(with_retries(Waiting(), "sign-in", lambda: credential().get_token(ARM_SCOPE).token, LIMITS))

    def get(self, path: str, api_version: str, **query: str) -> Any:
        return self._arm.get(f"/subscriptions/{self.id}{path}", api_version, **query).body


Ask = Callable[[Subscription], list[Need]]


def needs(stack: str) -> list[Need]:
    given = child_environment(stack).get("AZURE_SUBSCRIPTION_ID")
    if not given:
        found = "none: neither `az` has a profile here nor is AZURE_SUBSCRIPTION_ID set"
        return [Need(name="subscription", ok=False, found=found, remedy='docs/azure.md, first run, step "Sign in"')]
    subscription = Subscription(given)
    location = str(stack_config(stack).get("location", ""))
    reached = _asked(subscription, "subscription", _subscription, "`az account set`, or another sign-in: docs/azure.md")
    if not reached[0].ok:
        return reached
    asked: tuple[tuple[str, Ask, str], ...] = (
        ("provider registrations", registrations, "ask for Reader on the subscription"),
        ("roles", roles, "ask for Reader on the subscription"),
        ("container cores", partial(container_quota, location=location), "register Microsoft.ContainerInstance"),
        ("iot hubs", hub_quota, "register Microsoft.Devices"),
        ("deleted vaults", deleted_vaults, "ask for deletedVaults/read on the subscription"),
    )
    return [*reached, *(need for name, ask, remedy in asked for need in _asked(subscription, name, ask, remedy))]


def _asked(subscription: Subscription, name: str, ask: Ask, remedy: str) -> list[Need]:
    try:
        return ask(subscription)
    except ServiceError as error:
        return [Need(name=name, ok=False, found=one_line(words(error), 200), remedy=remedy, needed_by="up")]


def _subscription(subscription: Subscription) -> list[Need]:
    name = subscription.get("", "2022-12-01").get("displayName", "")
    return [Need(name="subscription", ok=True, found=f"{name} {subscription.id}".strip())]


def registrations(subscription: Subscription) -> list[Need]:
    needs = []
    for namespace in PROVIDERS:
        state = str(subscription.get(f"/providers/{namespace}", "2021-04-01").get("registrationState", "unknown"))
        remedy = f"az provider register --namespace {namespace}"
        needs.append(Need(name=namespace, ok=state == "Registered", found=state, remedy=remedy, needed_by="up"))
    return needs


def roles(subscription: Subscription) -> list[Need]:
    query = {"$filter": f"assignedTo('{subscription.principal()}')"}
    listed = subscription.get("/providers/Microsoft.Authorization/roleAssignments", "2022-04-01", **query)
    guids = {
        str(entry["properties"]["roleDefinitionId"]).rpartition("/")[2].lower() for entry in listed.get("value", ())
    }
    held = {role_name(guid) for guid in guids}
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


def container_quota(subscription: Subscription, location: str) -> list[Need]:
    path = f"/providers/Microsoft.ContainerInstance/locations/{location}/usages"
    usages = subscription.get(path, "2023-05-01").get("value", ())
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


def hub_quota(subscription: Subscription) -> list[Need]:
    usages = subscription.get("/providers/Microsoft.Devices/usages", "2023-06-30").get("value", ())
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


def deleted_vaults(subscription: Subscription) -> list[Need]:
    """A vault that a dead destroy left soft-deleted holds its name: the next `up` fails on it."""
    listed = subscription.get("/providers/Microsoft.KeyVault/deletedVaults", "2026-02-01").get("value", ())
    ours = [str(entry["name"]) for entry in listed if str(entry["name"]).startswith("kv-edgeway-")]
    remedy = "; ".join(f"az keyvault purge -n {name}" for name in ours)
    found = f"soft-deleted: {', '.join(ours)}" if ours else "none"
    return [Need(name="deleted vaults", ok=not ours, found=found, remedy=remedy, needed_by="up")]
