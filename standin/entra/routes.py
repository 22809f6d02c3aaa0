"""The table of sign-in operations."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.entra.handlers import SignInHandlers


def routes(handlers: SignInHandlers) -> Sequence[Route]:
    return (
        Route("GET", "/common/discovery/instance", handlers.instances),
        Route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", handlers.configuration),
        Route("GET", "/{tenant}/.well-known/openid-configuration", handlers.configuration),
        Route("POST", "/{tenant}/oauth2/v2.0/token", handlers.token),
        Route("POST", "/{tenant}/oauth2/token", handlers.token),
    )


def control_routes(handlers: SignInHandlers) -> Sequence[Route]:
    """The second is GitHub's end of a job, to be given to a client as ACTIONS_ID_TOKEN_REQUEST_URL."""
    return (
        Route("POST", "/_standin/principals", handlers.register),
        Route("GET", "/_standin/actions/oidc-token", handlers.job_token),
    )
