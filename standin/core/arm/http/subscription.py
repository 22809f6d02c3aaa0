"""Answers about the one subscription: itself, its resource groups, all its resources, its resource providers.

https://learn.microsoft.com/rest/api/resources/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.arm import ids
from standin.core.arm.errors import InvalidQueryParameter, InvalidResourceNamespace
from standin.core.arm.groups import GROUP_TYPE, require_group
from standin.core.arm.kind_table import KindTable
from standin.core.arm.kinds import Resource
from standin.core.arm.lists import filtered, page_of
from standin.core.arm.manager import Arm
from standin.core.arm.rendering import render
from standin.core.arm.versions import versions_of
from standin.core.auth import SUBSCRIPTION_ID, TENANT_ID, Roles
from standin.core.errors import NotFound
from standin.core.http import Request, Response, json_response

_EXPANDED = ("createdTime", "changedTime", "provisioningState")
_TAGS = {"tagName": "", "tagValue": ""}
_GROUP_FILTER = {"name": "name", "location": "location", **_TAGS}
_RESOURCE_FILTER = {
    "resourceType": "type",
    "name": "name",
    "location": "location",
    "resourceGroup": "_group",
    "kind": "kind",
    **_TAGS,
}
_REGIONS = ["West Europe", "North Europe", "East US", "West US 2", "Sweden Central"]
"""Where types are offered: a few, and all the same."""


class SubscriptionHandlers:
    def __init__(self, arm: Arm, kinds: KindTable, roles: Roles) -> None:
        self._arm = arm
        self._kinds = kinds
        self._roles = roles

    async def subscriptions(self, request: Request, _: Mapping[str, str]) -> Response:
        """Those in which the caller holds anything."""
        seen = [_subscription()] if self._reaches(request, f"/subscriptions/{SUBSCRIPTION_ID}") else []
        return json_response({"value": seen, "count": {"type": "Total", "value": len(seen)}})

    async def tenants(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response({"value": [{"id": f"/tenants/{TENANT_ID}", "tenantId": TENANT_ID}]})

    async def subscription(self, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(_subscription())

    async def groups(self, request: Request, _: Mapping[str, str]) -> Response:
        """Those in which the caller holds anything."""
        groups = [group for group in self._arm.list(GROUP_TYPE) if self._reaches(request, group.id)]
        shown = filtered([self._render(group) for group in groups], request.query.get("$filter"), _GROUP_FILTER)
        return page_of(request, shown)

    async def resources(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """The generic list: tracked resources without their properties."""
        scope = f"/subscriptions/{parameters['subscription']}"
        if "group" in parameters:
            scope += f"/resourceGroups/{parameters['group']}"
            require_group(self._arm, ids.parse(scope) or _impossible(scope))
        tracked = [resource for resource in self._arm.list(scope=scope) if self._kinds.of(resource).tracked]
        listed = [resource for resource in tracked if resource.type != GROUP_TYPE]
        more = _expanded(request)
        shown = [{**_short(self._render(one)), **_told(one, more), "_group": one.group} for one in listed]
        found = filtered(shown, request.query.get("$filter"), _RESOURCE_FILTER)
        return page_of(request, [{key: value for key, value in one.items() if key != "_group"} for one in found])

    async def providers(self, request: Request, _: Mapping[str, str]) -> Response:
        namespaces = sorted({kind.type.split("/", 1)[0] for kind in self._kinds})
        return json_response({"value": [self._registration(namespace) for namespace in namespaces]})

    async def provider(self, request: Request, parameters: Mapping[str, str]) -> Response:
        if not self._kinds.in_namespace(parameters["namespace"]):
            raise InvalidResourceNamespace(parameters["namespace"])
        return json_response(self._registration(parameters["namespace"]))

    def _reaches(self, request: Request, scope: str) -> bool:
        return request.principal is not None and self._roles.reaches(request.principal.object_id, scope)

    def _registration(self, namespace: str) -> dict[str, Any]:
        kinds = self._kinds.in_namespace(namespace)
        spelt = kinds[0].type.split("/", 1)[0]
        return {
            "id": f"/subscriptions/{SUBSCRIPTION_ID}/providers/{spelt}",
            "namespace": spelt,
            "registrationPolicy": "RegistrationRequired",
            "registrationState": "Registered",
            "resourceTypes": [
                {
                    "resourceType": kind.type.split("/", 1)[1],
                    "locations": _REGIONS if kind.tracked else [],
                    "apiVersions": versions_of(kind.type)[::-1],
                }
                for kind in kinds
            ],
        }

    def _render(self, resource: Resource) -> dict[str, Any]:
        return render(self._kinds.of(resource), resource)


def _subscription() -> dict[str, Any]:
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


def _expanded(request: Request) -> set[str]:
    asked = {name.strip() for name in request.query.get("$expand", "").split(",") if name.strip()}
    if unknown := sorted(asked - set(_EXPANDED)):
        raise InvalidQueryParameter("$expand", unknown[0], ", ".join(_EXPANDED))
    return asked


def _told(resource: Resource, asked: set[str]) -> dict[str, Any]:
    state = resource.properties.get("provisioningState", "Succeeded")
    told = dict(zip(_EXPANDED, (resource.created_at, resource.changed_at, state), strict=True))
    return {name: value for name, value in told.items() if name in asked}


def _short(rendered: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rendered.items() if key not in ("properties", "systemData")}


def _impossible(scope: str) -> ids.ResourceId:
    raise NotFound(f"'{scope}' is not a resource id.")
