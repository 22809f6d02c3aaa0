"""Where a subscription tells what it offers, below the namespaces of the services that offer it."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import obeys
from standin.offers.handlers import OfferHandlers

_BELOW = "/subscriptions/{subscription}/providers"
_REGION = _BELOW + "/Microsoft.ContainerInstance/locations/{location}"


def arm_routes(handlers: OfferHandlers) -> Sequence[Route]:
    named = obeys(fields="name type")
    return (
        Route(
            "GET",
            "/{scope:path}/providers/Microsoft.Authorization/policyAssignments",
            handlers.policies,
            obeys=obeys(query="$filter $top"),
        ),
        Route("GET", _REGION + "/capabilities", handlers.container_sizes),
        Route("GET", _REGION + "/usages", handlers.container_usages),
        Route("GET", _BELOW + "/Microsoft.Devices/usages", handlers.hub_usages),
        Route("POST", _BELOW + "/Microsoft.Devices/checkNameAvailability", handlers.hub_name, obeys=named),
        Route("POST", _BELOW + "/Microsoft.Storage/checkNameAvailability", handlers.account_name, obeys=named),
    )
