"""The token service's table, and what ARM asks of registries beside resources."""

from __future__ import annotations

from collections.abc import Sequence

from standin.containerregistry.actions import RegistryActions
from standin.containerregistry.handlers import TokenHandlers
from standin.core.http import Route

_CHECK_NAME = "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability"


def arm_routes(actions: RegistryActions) -> Sequence[Route]:
    return (Route("POST", _CHECK_NAME, actions.check_name),)


def routes(handlers: TokenHandlers) -> Sequence[Route]:
    return (
        Route("GET", "/oauth2/token", handlers.token_for_password),
        Route("POST", "/oauth2/token", handlers.token_for_refresh_token),
        Route("POST", "/oauth2/exchange", handlers.exchange),
    )
