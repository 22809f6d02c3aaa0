"""Subscriptions, resource groups and the registration of resource providers.

https://learn.microsoft.com/rest/api/resources/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from standin.core.arm.kinds import Resource, ResourceKind
from standin.core.auth import SUBSCRIPTION_ID, TENANT_ID
from standin.core.errors import BadRequest

if TYPE_CHECKING:
    from standin.core.arm.manager import Arm
    from standin.core.world import World

GROUP_TYPE = "Microsoft.Resources/resourceGroups"
_GROUP_NAME = re.compile(r"[\w().-]{0,89}[\w()-]")


class ResourceGroup(ResourceKind):
    type = GROUP_TYPE
    operation = "none"
    delete_operation = "location"

    async def check(self, world: World, new: Resource, old: Resource | None) -> None:
        if not _GROUP_NAME.fullmatch(new.name):
            raise BadRequest(
                f"The provided resource group name '{new.name}' is not valid. The name can only be letters, digits, "
                "'-', '.', '(', ')' or '_', at most 90 long, and must not end in '.'.",
                code="InvalidResourceGroupName",
            )


def subscription() -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{SUBSCRIPTION_ID}",
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
        "displayName": "edgeway stand-in",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def provider(arm: Arm, namespace: str) -> dict[str, Any] | None:
    """The registration of a namespace, or None when no kind of it exists here."""
    kinds = [kind for kind in arm.kinds() if kind.type.lower().startswith(namespace.lower() + "/")]
    if not kinds:
        return None
    spelt = kinds[0].type.split("/", 1)[0]
    return {
        "id": f"/subscriptions/{SUBSCRIPTION_ID}/providers/{spelt}",
        "namespace": spelt,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered",
        "resourceTypes": [
            {"resourceType": kind.type.split("/", 1)[1], "locations": [], "apiVersions": []} for kind in kinds
        ],
    }


def providers(arm: Arm) -> list[dict[str, Any]]:
    names = sorted({kind.type.split("/", 1)[0] for kind in arm.kinds()})
    return [found for name in names if (found := provider(arm, name)) is not None]
