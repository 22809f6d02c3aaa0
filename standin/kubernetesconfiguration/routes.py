"""What AKS makes beside the nodes of a cluster: the public addresses of its load balancer."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.kubernetesconfiguration.handlers import AddressHandlers


def arm_routes(handlers: AddressHandlers) -> Sequence[Route]:
    path = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/publicIPAddresses"
    return (Route("GET", path, handlers.addresses),)
