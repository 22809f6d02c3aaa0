"""The directory as Graph shows it: registered principals, and the managed identities of the resource manager.

https://learn.microsoft.com/graph/api/directoryobject-getbyids
https://learn.microsoft.com/graph/api/serviceprincipal-list
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from standin.core.arm import Arm
from standin.core.auth import Principal
from standin.core.directory import Directory, Registered
from standin.core.errors import BadRequest
from standin.core.http import Request, Response, json_response
from standin.graph.errors import InvalidToken, NotDelegated, ObjectNotFound, UnsupportedFilter

HOST = "graph.microsoft.com"
_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_NAMED = re.compile(r"\s*servicePrincipalNames/any\(c:c eq '([^']*)'\)\s*")
_USER = re.compile(r"\s*userPrincipalName eq '([^']*)'\s*")


class DirectoryHandlers:
    def __init__(self, arm: Arm, directory: Directory) -> None:
        self._arm = arm
        self._directory = directory

    async def me(self, request: Request, _: Mapping[str, str]) -> Response:
        known = self._directory.of_object(_caller(request).object_id)
        if known is None or known.kind != "User":
            raise NotDelegated
        return json_response(_shown(known))

    async def service_principals(self, request: Request, _: Mapping[str, str]) -> Response:
        _caller(request)
        known = self._directory.of_client(_named(_NAMED, request))
        return json_response({"value": [_shown(known)] if known and known.kind == "ServicePrincipal" else []})

    async def users(self, request: Request, _: Mapping[str, str]) -> Response:
        """By the name that they sign in with: `<name>@standin.example`."""
        _caller(request)
        asked = _named(_USER, request)
        found = [one for one in self._directory.all() if one.kind == "User" and _address(one) == asked]
        return json_response({"value": [_shown(one) for one in found]})

    async def service_principal(self, request: Request, parameters: Mapping[str, str]) -> Response:
        _caller(request)
        found = self._of_object(parameters["object"])
        if found is None:
            raise ObjectNotFound(parameters["object"])
        return json_response(found)

    async def by_ids(self, request: Request, _: Mapping[str, str]) -> Response:
        """Those that there are: an assignment may be of a principal that is gone."""
        _caller(request)
        asked = request.json_object()
        ids = asked.get("ids") or []
        if not isinstance(ids, list):
            raise BadRequest(f"ids must be a list, got {type(ids).__name__}.")
        kinds = [str(one).lower() for one in asked.get("types") or ("directoryObject",)]
        found = [one for one in map(self._of_object, map(str, ids)) if one is not None]
        return json_response({"value": [one for one in found if {_kind(one), "directoryobject"} & set(kinds)]})

    def _of_object(self, object_id: str) -> dict[str, Any] | None:
        if known := self._directory.of_object(object_id):
            return _shown(known)
        for identity in self._arm.list(_IDENTITY):
            if str(identity.properties.get("principalId")).lower() == object_id.lower():
                return _service(object_id, identity.name, str(identity.properties.get("clientId")))
        return None


def _named(pattern: re.Pattern[str], request: Request) -> str:
    """Lists of the whole directory are not built: who is looked for has to be named."""
    text = request.query.get("$filter")
    found = pattern.fullmatch(text) if text is not None else None
    if found is None:
        raise UnsupportedFilter(text)
    return found[1]


def _caller(request: Request) -> Principal:
    principal = request.principal
    if principal is None or principal.audience != f"https://{HOST}":
        raise InvalidToken
    return principal


def _shown(known: Registered) -> dict[str, Any]:
    if known.kind == "ServicePrincipal":
        return _service(known.object_id, known.name, known.client_id)
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": known.object_id,
        "displayName": known.name,
        "userPrincipalName": _address(known),
    }


def _service(object_id: str, name: str, client_id: str) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": object_id,
        "appId": client_id,
        "displayName": name,
        "servicePrincipalNames": [client_id],
    }


def _kind(shown: Mapping[str, Any]) -> str:
    return str(shown["@odata.type"]).rpartition(".")[2].lower()


def _address(known: Registered) -> str:
    return f"{known.name}@standin.example"
