"""<vault>.vault.azure.net, and the subscription's deleted vaults: tables of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standin.core.errors import ServiceError
from standin.core.http import Response, Route, WebSocketHandler, json_response
from standin.keyvault.handlers import VaultHandlers

_DELETED = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"


def arm_routes(handlers: VaultHandlers) -> Sequence[Route]:
    one = _DELETED + "/locations/{location}/deletedVaults/{vault}"
    return (
        Route("GET", _DELETED + "/deletedVaults", handlers.list_deleted_vaults),
        Route("GET", one, handlers.get_deleted_vault),
        Route("POST", one + "/purge", handlers.purge_vault),
    )


class VaultService:
    hosts: Sequence[str] = (".vault.azure.net",)
    websockets: Mapping[str, WebSocketHandler] = {}

    def __init__(self, handlers: VaultHandlers) -> None:
        self.routes: Sequence[Route] = (
            Route("GET", "/secrets", handlers.list_secrets),
            Route("GET", "/secrets/{secret}", handlers.get_secret),
            Route("GET", "/secrets/{secret}/", handlers.get_secret),
            Route("DELETE", "/secrets/{secret}", handlers.delete_secret),
            Route("GET", "/deletedsecrets/{secret}", handlers.get_deleted_secret),
            Route("DELETE", "/deletedsecrets/{secret}", handlers.purge_secret),
        )

    async def start(self) -> None:
        return None

    async def stop(self) -> None:
        return None

    def error(self, problem: ServiceError) -> Response:
        body = {"error": {"code": problem.code, "message": problem.message, **problem.details}}
        return json_response(body, problem.status, problem.headers)
