"""The token service's table, and what ARM asks of registries beside resources."""

from __future__ import annotations

from collections.abc import Sequence

from standin.containerregistry.actions import RegistryActions
from standin.containerregistry.handlers import TokenHandlers
from standin.core.http import Route
from standin.core.obeys import EVERYTHING, obeys

_CHECK_NAME = "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability"


def arm_routes(actions: RegistryActions) -> Sequence[Route]:
    return (Route("POST", _CHECK_NAME, actions.check_name, obeys=obeys(fields="name type")),)


def routes(handlers: TokenHandlers) -> Sequence[Route]:
    """OAuth's standard says that parameters which a server does not know are ignored (RFC 6749, 3.2)."""
    return (
        Route("GET", "/oauth2/token", handlers.token_for_password, obeys=EVERYTHING),
        Route("POST", "/oauth2/token", handlers.token_for_refresh_token, obeys=EVERYTHING),
        Route("POST", "/oauth2/exchange", handlers.exchange, obeys=EVERYTHING),
    )
