"""What can be asked of a registry beside reading and writing it: credentials, and whether a name is free.

https://learn.microsoft.com/rest/api/container-registry/registries
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from standin.containerregistry.errors import AdminUserDisabled, InvalidRegistry
from standin.containerregistry.state import NAME, NAME_RULE, REGISTRIES, TOKENS, Registries
from standin.core.arm import ActionHandler, Resource
from standin.core.http import Handler, Request, Response, json_response

if TYPE_CHECKING:
    from standin.core.world import World


def of_registry(registries: Registries) -> Mapping[str, ActionHandler]:
    async def generate(world: World, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        asked = request.json_object()
        token = _token(world, registry, asked.get("tokenId"))
        expiry = _expiry(asked.get("expiry"), world.clock.now())
        try:
            made = registries.generate(token, name=asked.get("name"), expiry=expiry)
        except ValueError as problem:
            raise InvalidRegistry(f"{problem}.") from problem
        return json_response({"username": token.name, "passwords": made})

    async def credentials(world: World, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        return json_response(_admin(registries, registry))

    async def regenerate(world: World, registry: Resource, request: Request, _: Mapping[str, str]) -> Response:
        _admin(registries, registry)
        name = request.json_object().get("name")
        if name not in ("password", "password2"):
            raise InvalidRegistry(f"password name {name!r} is not one of password, password2.")
        generations = registry.private.setdefault("admin", {})
        generations[name] = generations.get(name, 0) + 1
        world.arm.save(registry)
        return json_response(_admin(registries, registry))

    return {"generateCredentials": generate, "listCredentials": credentials, "regenerateCredential": regenerate}


def name_check(registries: Registries) -> Handler:
    async def handle(request: Request, _: Mapping[str, str]) -> Response:
        asked = request.json_object()
        name, kind = str(asked.get("name", "")), str(asked.get("type", ""))
        if kind.lower() != REGISTRIES.lower():
            raise InvalidRegistry(f"type {kind!r} is not {REGISTRIES}.")
        if not NAME.fullmatch(name):
            message = f"The registry name {name!r} is invalid: {NAME_RULE}."
            return json_response({"nameAvailable": False, "reason": "Invalid", "message": message})
        if registries.of_name(name) is not None:
            message = f"The registry {name} is already in use."
            return json_response({"nameAvailable": False, "reason": "AlreadyExists", "message": message})
        return json_response({"nameAvailable": True})

    return handle


def _admin(registries: Registries, registry: Resource) -> dict[str, object]:
    if not registries.admin_enabled(registry):
        raise AdminUserDisabled(registry.id)
    listed = [{"name": name, "value": value} for name, value in registries.admin_passwords(registry).items()]
    return {"username": registry.name, "passwords": listed}


def _token(world: World, registry: Resource, token_id: object) -> Resource:
    token = world.arm.get(token_id) if isinstance(token_id, str) else None
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
