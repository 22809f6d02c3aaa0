"""A vault's own operations, and those on the subscription's deleted vaults."""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.http import Route
from standin.core.obeys import obeys
from standin.keyvault.handlers import VaultHandlers
from standin.keyvault.secret_handlers import SecretHandlers

_DELETED = "/subscriptions/{subscription}/providers/Microsoft.KeyVault"


def arm_routes(handlers: VaultHandlers) -> Sequence[Route]:
    one = _DELETED + "/locations/{location}/deletedVaults/{vault}"
    return (
        Route("GET", _DELETED + "/deletedVaults", handlers.list_deleted_vaults),
        Route("GET", _DELETED + "/deletedManagedHSMs", handlers.list_deleted_hsms),
        Route("GET", one, handlers.get_deleted_vault),
        Route("POST", one + "/purge", handlers.purge_vault),
        Route("GET", _DELETED + "/locations/{location}/operationResults/{operation}", handlers.purge_result),
        Route("POST", _DELETED + "/checkNameAvailability", handlers.check_name, obeys=obeys(fields="name type")),
    )


def routes(handlers: VaultHandlers, secrets: SecretHandlers) -> Sequence[Route]:
    plain = obeys(query="api-version")
    listed = obeys(query="api-version maxresults $skiptoken")
    said = "contentType tags attributes.enabled attributes.nbf attributes.exp"
    changed = obeys(query="api-version", fields=said)
    one, version = "/secrets/{secret}", "/secrets/{secret}/{version}"
    used = obeys(query="api-version", fields="alg value")
    return (
        Route("GET", "/secrets", secrets.list, obeys=listed),
        Route("POST", "/secrets/restore", secrets.restore, obeys=obeys(query="api-version", fields="value")),
        Route("PUT", one, secrets.set, obeys=obeys(query="api-version", fields=f"value {said}")),
        Route("GET", one, secrets.get, obeys=plain),
        Route("GET", one + "/", secrets.get, obeys=plain),
        Route("GET", one + "/versions", secrets.versions, obeys=listed),
        Route("POST", one + "/backup", secrets.backup, obeys=plain),
        Route("GET", version, secrets.get, obeys=plain),
        Route("PATCH", one, secrets.update, obeys=changed),
        Route("PATCH", one + "/", secrets.update, obeys=changed),
        Route("PATCH", version, secrets.update, obeys=changed),
        Route("DELETE", one, secrets.delete, obeys=plain),
        Route("GET", "/deletedsecrets", secrets.list_deleted, obeys=listed),
        Route("GET", "/deletedsecrets/{secret}", secrets.get_deleted, obeys=plain),
        Route("POST", "/deletedsecrets/{secret}/recover", secrets.recover, obeys=plain),
        Route("DELETE", "/deletedsecrets/{secret}", secrets.purge, obeys=plain),
        Route(
            "POST",
            "/keys/{key}/create",
            handlers.create_key,
            obeys=obeys(query="api-version", fields="kty key_size key_ops attributes.enabled tags"),
        ),
        Route("GET", "/keys/{key}", handlers.get_key, obeys=plain),
        Route("GET", "/keys/{key}/", handlers.get_key, obeys=plain),
        Route("GET", "/keys/{key}/{version}", handlers.get_key, obeys=plain),
        Route("POST", "/keys/{key}/{operation}", handlers.use_key, obeys=used),
        Route("POST", "/keys/{key}/{version}/{operation}", handlers.use_key, obeys=used),
    )
