"""What can be asked of a registry beside reading and writing it: credentials, and whether a name is free.

https://learn.microsoft.com/rest/api/container-registry/registries
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from standin.containerregistry.errors import AdminUserDisabled, InvalidRegistry
from standin.containerregistry.generating import Generating
from standin.containerregistry.names import NAME, NAME_RULE, REGISTRIES, TOKENS
from standin.containerregistry.state import Registries
from standin.core.arm import ActionHandler, Arm, Resource
from standin.core.clock import Clock
from standin.core.http import Request, Response, json_response


class RegistryActions:
    def __init__(self, arm: Arm, registries: Registries, generating: Generating, clock: Clock) -> None:
        self._arm = arm
        self._registries = registries
        self._generating = generating
        self._clock = clock

    def of_registry(self) -> Mapping[str, ActionHandler]:
        return {
            "generateCredentials": self._generate,
            "GET operations/{operation}": self._generating.status,
            "GET operations/{operation}/result": self._generating.result,
            "listCredentials": self._credentials,
            "regenerateCredential": self._regenerate,
        }

    async def check_name(self, request: Request, _: Mapping[str, str]) -> Response:
        asked = request.json_object()
        name, kind = str(asked.get("name", "")), str(asked.get("type", ""))
        if kind.lower() != REGISTRIES.lower():
            raise InvalidRegistry(f"type {kind!r} is not {REGISTRIES}.")
        if not NAME.fullmatch(name):
            message = f"The registry name {name!r} is invalid: {NAME_RULE}."
            return json_response({"nameAvailable": False, "reason": "Invalid", "message": message})
        if self._registries.of_name(name) is not None:
            message = f"The registry {name} is already in use."
            return json_response({"nameAvailable": False, "reason": "AlreadyExists", "message": message})
        return json_response({"nameAvailable": True})

    async def _generate(self, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        asked = request.json_object()
        token = self._token(registry, asked.get("tokenId"))
        expiry = _expiry(asked.get("expiry"), self._clock.now())
        try:
            return self._generating.begin(request, token, asked.get("name"), expiry)
        except ValueError as problem:
            raise InvalidRegistry(f"{problem}.") from problem

    async def _credentials(self, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(self._admin(registry))

    async def _regenerate(self, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        self._admin(registry)
        name = request.json_object().get("name")
        if name not in ("password", "password2"):
            raise InvalidRegistry(f"password name {name!r} is not one of password, password2.")
        generations = registry.private.setdefault("admin", {})
        generations[name] = generations.get(name, 0) + 1
        self._arm.save(registry)
        return json_response(self._admin(registry))

    def _admin(self, registry: Resource) -> dict[str, object]:
        if not self._registries.admin_enabled(registry):
            raise AdminUserDisabled(registry.id)
        passwords = self._registries.admin_passwords(registry)
        listed = [{"name": name, "value": value} for name, value in passwords.items()]
        return {"username": registry.name, "passwords": listed}

    def _token(self, registry: Resource, token_id: object) -> Resource:
        token = self._arm.get(token_id) if isinstance(token_id, str) else None
        if token is None or token.type.lower() != TOKENS.lower() or token.parent_id.lower() != registry.key:
            raise InvalidRegistry(
                f"tokenId {token_id!r} is not a token of registry '{registry.name}'.", code="TokenNotFound"
            )
        return token


def _expiry(text: object, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        expiry = datetime.fromisoformat(str(text))
    except ValueError as problem:
        raise InvalidRegistry(f"expiry {text!r} is not a time such as 2027-01-31T00:00:00Z.") from problem
    expiry = expiry if expiry.tzinfo else expiry.replace(tzinfo=UTC)
    if expiry <= now:
        raise InvalidRegistry(f"expiry {text!r} is in the past.")
    return expiry
