"""A device's key as a secret of a vault, from where the device's machine fetches it.

The hub has the keys and the vault has one of the two; the stack's state has neither, so nothing of an older key is left
there that an `up` could write back after a rotation. Whichever of the two the vault has stays: only a value with which
the device cannot sign in is replaced.
https://learn.microsoft.com/azure/key-vault/general/rbac-guide
"""

from __future__ import annotations

from cloud.errors import ServiceError, is_missing
from cloud.iot_hub import DeviceKeys
from cloud.machines.key_vault import KeyVault, Secret
from cloud.operation import Operation
from cloud.retrying import DEFAULT_LIMITS, RetryLimits
from pluginbase.resource import ProviderError

_MARK = "edgewayMark"


class DeviceSecret:
    """Calls for one operation."""

    def __init__(self, operation: Operation, vault: str, name: str, limits: RetryLimits = DEFAULT_LIMITS) -> None:
        self._vault = KeyVault(operation, vault, limits)
        self._name = name

    def exists(self) -> bool:
        return self._found() is not None

    def write(self, keys: DeviceKeys, mark: str) -> None:
        """Can be repeated: what a killed run left is taken over."""
        if not keys.primary:
            raise ProviderError(f"the device {keys.device_id!r} has no symmetric keys, of which one is to be kept")
        tags = {"device": keys.device_id, _MARK: mark}
        found = self._found()
        if found is not None and _signs_in(found, keys):
            self._vault.tag_secret(self._name, found.version, tags)
        else:
            self._vault.set_secret(self._name, keys.primary, tags)

    def delete(self, mark: str | None) -> None:
        """Where it carries the mark; else another row has taken it over."""
        secret = self._found()
        if secret is not None and secret.tags.get(_MARK) == mark:
            self._vault.delete_secret(self._name)

    def wrong(self, keys: DeviceKeys, mark: str | None) -> str | None:
        """What an update puts right: a key with which the device could not sign in, or one that nobody would delete."""
        found = self._found()
        if found is None or not _signs_in(found, keys):
            return "cannot sign in with what its vault has"
        return None if found.tags.get(_MARK) == mark else "has a secret with another mark than this resource's"

    def _found(self) -> Secret | None:
        try:
            return self._vault.secret(self._name)
        except ServiceError as error:
            if is_missing(error):
                return None
            raise


def _signs_in(secret: Secret, keys: DeviceKeys) -> bool:
    return secret.value in (keys.primary, keys.secondary)
