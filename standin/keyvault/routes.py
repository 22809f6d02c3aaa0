"""A vault's own operations, and those on the subscription's deleted vaults."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.keyvault.handlers import VaultHandlers

_DELETED = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"


def arm_routes(handlers: VaultHandlers) -> Sequence[Route]:
    one = _DELETED + "/locations/{location}/deletedVaults/{vault}"
    return (
        Route("GET", _DELETED + "/deletedVaults", handlers.list_deleted_vaults),
        Route("GET", one, handlers.get_deleted_vault),
        Route("POST", one + "/purge", handlers.purge_vault),
        Route("GET", _DELETED + "/locations/{location}/operationResults/{operation}", handlers.purge_result),
        Route("POST", _DELETED + "/checkNameAvailability", handlers.check_name),
    )


def routes(handlers: VaultHandlers) -> Sequence[Route]:
    return (
        Route("GET", "/secrets", handlers.list_secrets),
        Route("GET", "/secrets/{secret}", handlers.get_secret),
        Route("GET", "/secrets/{secret}/", handlers.get_secret),
        Route("DELETE", "/secrets/{secret}", handlers.delete_secret),
        Route("POST", "/keys/{key}/create", handlers.create_key),
        Route("GET", "/keys/{key}", handlers.get_key),
        Route("GET", "/keys/{key}/", handlers.get_key),
        Route("POST", "/keys/{key}/{operation}", handlers.use_key),
        Route("POST", "/keys/{key}/{version}/{operation}", handlers.use_key),
        Route("GET", "/deletedsecrets/{secret}", handlers.get_deleted_secret),
        Route("DELETE", "/deletedsecrets/{secret}", handlers.purge_secret),
    )
