"""https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses/list

AKS marks an address with the service that it is of: https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from standin.core.arm import Resource
from standin.core.arm.errors import ResourceGroupNotFound
from standin.core.http import Request, Response, json_response
from standin.kubernetesconfiguration.state import Routers


class AddressHandlers:
    def __init__(self, routers: Routers) -> None:
        self._routers = routers

    async def addresses(self, request: Request, parameters: Mapping[str, str]) -> Response:
        found = self._routers.in_group(parameters["group"])
        if found is None:
            raise ResourceGroupNotFound(parameters["group"])
        return json_response({"value": [_shown(request.path, *one) for one in found]})


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
