"""Translates the secrets of a vault's own surface.

https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from standin.core.http import Request, Response, empty, json_response
from standin.core.numbers import whole_number
from standin.keyvault.access import OFFICERS, USERS, VaultAccess
from standin.keyvault.errors import BadParameter, PurgeProtected
from standin.keyvault.secrets import Secrets
from standin.keyvault.state import Vaults

_PAGE = 25


class SecretHandlers:
    def __init__(self, access: VaultAccess, vaults: Vaults, secrets: Secrets) -> None:
        self._access = access
        self._vaults = vaults
        self._secrets = secrets

    async def list(self, request: Request, _: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "readMetadata", USERS)
        return _page(request, self._secrets.all(vault))

    async def versions(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "readMetadata", USERS)
        return _page(request, self._secrets.versions(vault, parameters["secret"]))

    async def get(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "getSecret", USERS)
        return json_response(self._secrets.get(vault, parameters["secret"], parameters.get("version", "")))

    async def set(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "setSecret", OFFICERS)
        return json_response(self._secrets.set(vault, parameters["secret"], request.json_object()))

    async def update(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "update", OFFICERS)
        version = parameters.get("version", "")
        return json_response(self._secrets.update(vault, parameters["secret"], version, request.json_object()))

    async def delete(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "delete", OFFICERS)
        return json_response(self._secrets.delete(vault, parameters["secret"]))

    async def backup(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "backup/action", OFFICERS)
        return json_response(self._secrets.backup(vault, parameters["secret"]))

    async def restore(self, request: Request, _: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "restore/action", OFFICERS)
        return json_response(self._secrets.restore(vault, request.json_object()))

    async def list_deleted(self, request: Request, _: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "readMetadata", OFFICERS)
        return _page(request, self._secrets.all_deleted(vault))

    async def get_deleted(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "readMetadata", OFFICERS)
        return json_response(self._secrets.deleted(self._vaults.deleted_secret(vault, parameters["secret"])))

    async def recover(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "recover/action", OFFICERS)
        return json_response(self._secrets.recover(vault, parameters["secret"]))

    async def purge(self, request: Request, parameters: Mapping[str, str]) -> Response:
        vault = self._access.authorized(request, "purge", OFFICERS)
        if vault.properties.get("enablePurgeProtection"):
            raise PurgeProtected
        self._vaults.purge_secret(vault, parameters["secret"])
        return empty(204)


def _page(request: Request, items: Sequence[Mapping[str, Any]]) -> Response:
    size = _number(request, "maxresults", _PAGE, range(1, _PAGE + 1))
    start = _number(request, "$skiptoken", 0, range(len(items) + 1))
    shown = items[start : start + size]
    link = None
    if start + len(shown) < len(items):
        query = {**request.query, "$skiptoken": str(start + len(shown))}
        link = f"https://{request.host}{request.path}?{urlencode(query, safe='$')}"
    return json_response({"value": shown, "nextLink": link})


def _number(request: Request, name: str, default: int, allowed: range) -> int:
    text = request.query.get(name, str(default))
    number = whole_number(text)
    if number is None or number not in allowed:
        raise BadParameter(f"{name} is '{text}', allowed are whole numbers from {allowed[0]} to {allowed[-1]}.")
    return number
