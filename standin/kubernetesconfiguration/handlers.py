"""https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses/list

AKS marks an address with the service that it is of: https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from standin.core.arm import Arm, Resource
from standin.core.arm.errors import ResourceGroupNotFound
from standin.core.arm.rendering import render
from standin.core.http import Request, Response, json_response
from standin.kubernetesconfiguration.state import Routers
from standin.network import PublicIPAddress


class AddressHandlers:
    def __init__(self, arm: Arm, routers: Routers) -> None:
        self._arm = arm
        self._kind = PublicIPAddress(arm)
        self._routers = routers

    async def addresses(self, request: Request, parameters: Mapping[str, str]) -> Response:
        """Those of load balancers in a group of nodes, which only Azure fills; elsewhere the ones that were made."""
        found = self._routers.in_group(parameters["group"])
        if found is not None:
            return json_response({"value": [_shown(request.path, *one) for one in found]})
        group = self._arm.get(f"/subscriptions/{parameters['subscription']}/resourceGroups/{parameters['group']}")
        if group is None:
            raise ResourceGroupNotFound(parameters["group"])
        return json_response({"value": [render(self._kind, one) for one in self._arm.list(self._kind.type, group.id)]})


def _shown(path: str, cluster: Resource, address: str) -> dict[str, Any]:
    name = f"kubernetes-a{uuid.uuid5(uuid.NAMESPACE_URL, cluster.key).hex}"
    return {
        "name": name,
        "id": f"{path}/{name}",
        "type": "Microsoft.Network/publicIPAddresses",
        "location": cluster.location,
        "tags": {"k8s-azure-cluster-name": "kubernetes", "k8s-azure-service": "azureml/azureml-fe"},
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {
            "provisioningState": "Succeeded",
            "ipAddress": address,
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Static",
        },
    }
