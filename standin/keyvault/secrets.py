"""The secrets of a vault as its own surface has them: versions, attributes, soft delete, backups.

https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
A secret is one ARM resource: what ARM shows of it is its newest version, the others lie in what is private of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.clock import Clock, iso
from standin.core.store import Store
from standin.keyvault.backups import Backups
from standin.keyvault.errors import BadParameter, SecretDisabled, SecretInDeletedState, SecretNotFound
from standin.keyvault.kinds import Secret, check_secret_name
from standin.keyvault.secret_versions import address, remember, versions_of
from standin.keyvault.state import Vaults

_LONGEST = 25_000
_TIMES = ("nbf", "exp")


class Secrets:
    def __init__(self, arm: Arm, store: Store, clock: Clock, vaults: Vaults, kind: ResourceKind) -> None:
        self._arm = arm
        self._store = store
        self._clock = clock
        self._vaults = vaults
        self._kind = kind
        self._backups = Backups(store)

    def set(self, vault: Resource, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A new version."""
        check_secret_name(name)
        value = asked.get("value")
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise BadParameter(f"value must be a string of {_LONGEST} characters at most.")
        if any(secret.name.lower() == name.lower() for secret in self._vaults.deleted_secrets(vault)):
            raise SecretInDeletedState(name)
        secret = self._arm.get(f"{vault.id}/secrets/{name}") or self._new(vault, name)
        secret.changed_at = iso(self._clock.now())
        secret.generation += 1
        secret.private["version"] = uuid.uuid4().hex
        secret.body = {"properties": {"value": value, "attributes": {"enabled": True}}, "tags": {}}
        return self._changed(secret, asked, value=True)

    def update(self, vault: Resource, name: str, version: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Of a version all but its value."""
        secret = self._vaults.secret(vault, name)
        if version not in ("", secret.private["version"]):
            entry = self._version(secret, version)
            _say(entry, asked)
            entry["updated"] = iso(self._clock.now())
            self._arm.save(secret)
            return self._described(secret, entry)
        secret.changed_at = iso(self._clock.now())
        return self._changed(secret, asked, value=False)

    def get(self, vault: Resource, name: str, version: str = "") -> dict[str, Any]:
        secret = self._vaults.secret(vault, name)
        entry = self._version(secret, version or secret.private["version"])
        if entry["attributes"].get("enabled") is False:
            raise SecretDisabled
        return self._described(secret, entry, value=True)

    def all(self, vault: Resource) -> list[dict[str, Any]]:
        """Without versions in their ids, and without values."""
        listed = [self._newest(secret) for secret in self._vaults.secrets(vault)]
        return [{**one, "id": one["id"].rpartition("/")[0]} for one in listed]

    def versions(self, vault: Resource, name: str) -> list[dict[str, Any]]:
        secret = self._vaults.secret(vault, name)
        return [self._described(secret, entry) for entry in versions_of(secret).values()]

    def backup(self, vault: Resource, name: str) -> dict[str, str]:
        secret = self._vaults.secret(vault, name)
        kept = {"name": secret.name, "body": secret.body, "private": secret.private, "created": secret.created_at}
        return {"value": self._backups.seal(kept)}

    def restore(self, vault: Resource, asked: Mapping[str, Any]) -> dict[str, Any]:
        """All versions, under the name that they had."""
        kept = self._backups.open(str(asked.get("value", "")))
        name = kept["name"]
        if self._arm.get(f"{vault.id}/secrets/{name}") is not None:
            raise SecretInDeletedState(name, exists=True)
        secret = self._new(vault, name)
        secret.body, secret.private, secret.created_at = kept["body"], kept["private"], kept["created"]
        self._arm.save(secret)
        return self._newest(secret)

    def delete(self, vault: Resource, name: str) -> dict[str, Any]:
        return self.deleted(self._vaults.delete_secret(vault, name))

    def all_deleted(self, vault: Resource) -> list[dict[str, Any]]:
        listed = [self.deleted(secret) for secret in self._vaults.deleted_secrets(vault)]
        return [{**one, "id": one["id"].rpartition("/")[0]} for one in listed]

    def recover(self, vault: Resource, name: str) -> dict[str, Any]:
        secret = self._vaults.deleted_secret(vault, name)
        with self._store.transaction():
            self._arm.forget_deleted(self._kind, secret)
            secret.private.pop("deletedAt", None)
            self._arm.save(secret)
        return self._newest(secret)

    def deleted(self, secret: Resource) -> dict[str, Any]:
        return {
            **self._newest(secret),
            "recoveryId": address(secret).replace("/secrets/", "/deletedsecrets/"),
            "deletedDate": _seconds(secret.private["deletedAt"]),
            "scheduledPurgeDate": int(self._arm.purge_at(self._kind, secret).timestamp()),
        }

    def _new(self, vault: Resource, name: str) -> Resource:
        now = iso(self._clock.now())
        return Resource(
            id=f"{vault.id}/secrets/{name}", type=Secret.type, name=name, body={}, created_at=now, changed_at=now
        )

    def _changed(self, secret: Resource, asked: Mapping[str, Any], *, value: bool) -> dict[str, Any]:
        said = {**secret.properties, "tags": secret.body.get("tags") or {}}
        _say(said, asked)
        secret.body = {"tags": said.pop("tags"), "properties": said}
        remember(secret)
        self._arm.save(secret)
        return self._described(secret, versions_of(secret)[secret.private["version"]], value=value)

    def _newest(self, secret: Resource) -> dict[str, Any]:
        return self._described(secret, self._version(secret, secret.private["version"]))

    @staticmethod
    def _version(secret: Resource, version: str) -> dict[str, Any]:
        entry = versions_of(secret).get(version)
        if entry is None:
            raise SecretNotFound(f"{secret.name}/{version}")
        return entry

    @staticmethod
    def _described(secret: Resource, entry: Mapping[str, Any], *, value: bool = False) -> dict[str, Any]:
        """Times are whole seconds since 1970."""
        told = {"created": _seconds(entry["created"]), "updated": _seconds(entry["updated"])}
        described: dict[str, Any] = {
            "id": f"{address(secret)}/{entry['version']}",
            "attributes": {**entry["attributes"], **told, "recoveryLevel": "Recoverable+Purgeable"},
        }
        described |= {name: entry[name] for name in ("contentType", "tags") if entry.get(name)}
        return described | ({"value": entry["value"]} if value else {})


def _say(said: dict[str, Any], asked: Mapping[str, Any]) -> None:
    """What a request says of a version, over what was said before; what it leaves out stays."""
    for name, kind in (("contentType", str), ("tags", Mapping), ("attributes", Mapping)):
        if not isinstance(asked.get(name), kind | None):
            raise BadParameter(f"{name} is {type(asked[name]).__name__}, which it cannot be.")
    attributes = asked.get("attributes") or {}
    if not isinstance(attributes.get("enabled", True), bool):
        raise BadParameter(f"attributes.enabled is {attributes['enabled']!r}, allowed are true and false.")
    for name in _TIMES:
        if not isinstance(attributes.get(name, 0), int | None):
            raise BadParameter(f"attributes.{name} is {attributes[name]!r}, allowed are whole seconds since 1970.")
    said |= {name: asked[name] for name in ("contentType", "tags") if asked.get(name) is not None}
    given = {name: attributes[name] for name in ("enabled", *_TIMES) if attributes.get(name) is not None}
    said["attributes"] = {**(said.get("attributes") or {}), **given}


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
