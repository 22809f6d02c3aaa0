"""What the Azure CLI asks of Graph."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import obeys
from standin.graph.handlers import DirectoryHandlers


def routes(handlers: DirectoryHandlers) -> Sequence[Route]:
    filtered = obeys(query="$filter")
    return (
        Route("GET", "/v1.0/me", handlers.me),
        Route("GET", "/v1.0/users", handlers.users, obeys=filtered),
        Route("GET", "/v1.0/servicePrincipals", handlers.service_principals, obeys=filtered),
        Route("GET", "/v1.0/servicePrincipals/{object}", handlers.service_principal),
        Route("POST", "/v1.0/directoryObjects/getByIds", handlers.by_ids, obeys=obeys(fields="ids types")),
    )
