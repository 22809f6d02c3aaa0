"""What the Azure CLI asks of Graph."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.graph.handlers import DirectoryHandlers


def routes(handlers: DirectoryHandlers) -> Sequence[Route]:
    return (
        Route("GET", "/v1.0/me", handlers.me),
        Route("GET", "/v1.0/users", handlers.users),
        Route("GET", "/v1.0/servicePrincipals", handlers.service_principals),
        Route("GET", "/v1.0/servicePrincipals/{object}", handlers.service_principal),
        Route("POST", "/v1.0/directoryObjects/getByIds", handlers.by_ids),
    )
