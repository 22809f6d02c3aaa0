"""Answers of ARM about what could be made.

https://learn.microsoft.com/rest/api/container-instances/location
https://learn.microsoft.com/rest/api/iothub/iot-hub-resource/check-name-availability
https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from standin.core.arm import Arm
from standin.core.arm.errors import InvalidQueryParameter
from standin.core.http import Request, Response, json_response

_HUBS, _ACCOUNTS = "Microsoft.Devices/IotHubs", "Microsoft.Storage/storageAccounts"
_GROUPS = "Microsoft.ContainerInstance/containerGroups"
_HUB_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{1,48})[A-Za-z0-9]")
_ACCOUNT_NAME = re.compile(r"[a-z0-9]{3,24}")
_POLICY_FILTER = re.compile(r"at(?:Exact)?Scope\(\)|policyDefinitionId eq '[^']*'", re.I)
_QUOTA = 100
"""Container groups, and cores, of a region: Azure's default."""


class OfferHandlers:
    def __init__(self, arm: Arm, has_hub_name: Callable[[str], bool]) -> None:
        self._has_hub_name = has_hub_name
        self._arm = arm

    async def policies(self, request: Request, _: Mapping[str, str]) -> Response:
        """None, of whatever is asked for. https://learn.microsoft.com/rest/api/policy/policy-assignments/list"""
        asked = request.query.get("$filter", "atScope()")
        if _POLICY_FILTER.fullmatch(asked) is None:
            raise InvalidQueryParameter("$filter", asked, "atScope(), atExactScope(), policyDefinitionId eq '...'")
        return json_response({"value": []})

    async def container_sizes(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """One without a GPU for each operating system, as large as the smallest regions offer."""
        capabilities = {"maxMemoryInGB": 16.0, "maxCpu": 4.0, "maxGpuCount": 0.0}
        offered = [
            {
                "resourceType": "containerGroups",
                "osType": system,
                "location": parameters["location"],
                "ipAddressType": "Public",
                "gpu": "None",
                "capabilities": capabilities,
            }
            for system in ("Linux", "Windows")
        ]
        return json_response({"value": offered})

    async def container_usages(self, request: Request, _: Mapping[str, str]) -> Response:
        groups = self._arm.list(_GROUPS)
        cores = sum(_cores(group.properties) for group in groups)
        counted = (("ContainerGroups", "Container Groups", len(groups)), ("StandardCores", "Standard Cores", cores))
        return json_response(
            {
                "value": [
                    {
                        "unit": "Count",
                        "currentValue": used,
                        "limit": _QUOTA,
                        "name": {"value": name, "localizedValue": shown},
                    }
                    for name, shown, used in counted
                ]
            }
        )

    async def hub_usages(self, request: Request, _: Mapping[str, str]) -> Response:
        """Free hubs are counted, the others are not."""
        free = sum(hub.body["sku"]["name"] == "F1" for hub in self._arm.list(_HUBS))
        usage: dict[str, Any] = {
            "id": f"{request.path}/FreeHubCount",
            "type": "Microsoft.Devices/usages",
            "unit": "Count",
            "currentValue": free,
            "limit": 1,
            "name": {"value": "FreeHubCount", "localizedValue": "Free IoT Hub Count"},
        }
        return json_response({"value": [usage]})

    async def hub_name(self, request: Request, _: Mapping[str, str]) -> Response:
        name = str(request.json_object().get("name", ""))
        if not _HUB_NAME.fullmatch(name):
            return _taken("Invalid", f"IotHub name '{name}' is not valid")
        if self._has_hub_name(name):
            return _taken("AlreadyExists", f"IotHub name '{name}' is not available")
        return json_response({"nameAvailable": True, "reason": "Invalid", "message": None})

    async def account_name(self, request: Request, _: Mapping[str, str]) -> Response:
        name = str(request.json_object().get("name", ""))
        if not _ACCOUNT_NAME.fullmatch(name):
            return _taken("AccountNameInvalid", f"{name} is not a valid storage account name.")
        if self._is_taken(_ACCOUNTS, name):
            return _taken("AlreadyExists", f"The storage account named {name} is already taken.")
        return json_response({"nameAvailable": True})

    def _is_taken(self, type_name: str, name: str) -> bool:
        return any(one.name.lower() == name.lower() for one in self._arm.list(type_name))


def _taken(reason: str, message: str) -> Response:
    return json_response({"nameAvailable": False, "reason": reason, "message": message})


def _cores(group: Mapping[str, Any]) -> int:
    containers = group.get("containers") or ()
    return round(sum(float(one["properties"]["resources"]["requests"]["cpu"]) for one in containers))
