"""`generateCredentials` as a long operation: 202 with both headers, the values at its Location alone.

https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
Azure's description of the call says `final-state-via: location`. Clients that were watched got the values in a 200; the
stand-in takes the harder way, which an SDK goes too.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standin.containerregistry.errors import TokenNotActive
from standin.containerregistry.state import Registries
from standin.core.arm import Arm, Resource
from standin.core.clock import Clock, iso
from standin.core.errors import NotFound
from standin.core.http import Request, Response, empty, json_response
from standin.core.profile import Profile
from standin.core.store import Store

_KIND = "registry credentials"
_POLL_SECONDS = "1"


class Generating:
    """The store remembers what was asked; the values are in memory until they are fetched, and made again where a
    restart has lost them."""

    def __init__(self, arm: Arm, registries: Registries, store: Store, clock: Clock, profile: Profile) -> None:
        self._arm = arm
        self._registries = registries
        self._store = store
        self._clock = clock
        self._profile = profile
        self._made: dict[str, list[dict[str, str]]] = {}

    def begin(self, request: Request, token: Resource, name: str | None, expiry: datetime | None) -> Response:
        self._check_active(token)
        made = self._registries.generate(token, name=name, expiry=expiry)
        operation, registry_id = str(uuid.uuid4()), token.parent_id
        asked = {"token": token.id, "name": name, "expiry": iso(expiry) if expiry else None}
        self._store.put(_KIND, operation, {**asked, "pollsLeft": self._profile.operation_polls})
        self._made[operation] = made
        base, version = f"https://{request.host}{registry_id}", request.query["api-version"]
        urls = {
            "Azure-AsyncOperation": f"{base}/operations/{operation}?api-version={version}",
            "Location": f"{base}/operations/{operation}/result?api-version={version}",
        }
        return empty(202, {**urls, "Retry-After": _POLL_SECONDS})

    async def status(self, registry: Resource, request: Request, parameters: Mapping[str, str]) -> Response:
        asked = self._asked(parameters["operation"])
        busy = asked["pollsLeft"] > 0
        if busy:
            self._store.put(_KIND, parameters["operation"], {**asked, "pollsLeft": asked["pollsLeft"] - 1})
        body = {"id": request.path, "name": parameters["operation"], "status": "InProgress" if busy else "Succeeded"}
        return json_response(body, headers={"Retry-After": _POLL_SECONDS} if busy else {})

    async def result(self, registry: Resource, request: Request, parameters: Mapping[str, str]) -> Response:
        operation = parameters["operation"]
        asked = self._asked(operation)
        if asked["pollsLeft"] > 0:
            location = f"https://{request.host}{request.path}?api-version={request.query['api-version']}"
            return empty(202, {"Location": location, "Retry-After": _POLL_SECONDS})
        token, made = self._arm.require(asked["token"]), self._made.get(operation)
        if made is None:
            expiry = datetime.fromisoformat(asked["expiry"]) if asked["expiry"] else None
            made = self._made[operation] = self._registries.generate(token, name=asked["name"], expiry=expiry)
        return json_response({"username": token.name, "passwords": made})

    def _asked(self, operation: str) -> dict[str, Any]:
        asked = self._store.get(_KIND, operation)
        if asked is None:
            raise NotFound(f"The operation '{operation}' could not be found.", code="OperationNotFound")
        return asked

    def _check_active(self, token: Resource) -> None:
        """`slow`: a token that was made a moment ago is refused so and so often."""
        refused = token.private.get("refused", 0)
        if refused < self._profile.new_token_refusals:
            token.private["refused"] = refused + 1
            self._arm.save(token)
            raise TokenNotActive(token.name)
