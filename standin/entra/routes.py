"""The table of sign-in operations."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import EVERYTHING, obeys
from standin.entra.handlers import SignInHandlers


def routes(handlers: SignInHandlers) -> Sequence[Route]:
    """OAuth's standard says that parameters which a server does not know are ignored (RFC 6749, 3.2)."""
    return (
        Route("GET", "/common/discovery/instance", handlers.instances, obeys=EVERYTHING),
        Route("GET", "/{tenant}/v2.0/.well-known/openid-configuration", handlers.configuration, obeys=EVERYTHING),
        Route("GET", "/{tenant}/.well-known/openid-configuration", handlers.configuration, obeys=EVERYTHING),
        Route("POST", "/{tenant}/oauth2/v2.0/token", handlers.token, obeys=EVERYTHING),
        Route("POST", "/{tenant}/oauth2/token", handlers.token, obeys=EVERYTHING),
    )


def control_routes(handlers: SignInHandlers) -> Sequence[Route]:
    """The second is GitHub's end of a job, to be given to a client as ACTIONS_ID_TOKEN_REQUEST_URL."""
    return (
        Route("POST", "/_standin/principals", handlers.register, obeys=obeys(fields="name kind")),
        Route("GET", "/_standin/actions/oidc-token", handlers.job_token, obeys=obeys(query="audience api-version")),
    )
