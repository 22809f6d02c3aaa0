"""Key Vault's refusals. https://learn.microsoft.com/azure/key-vault/general/rest-error-codes"""

from __future__ import annotations

from collections.abc import Sequence

from standin.core.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized


class VaultAlreadyExists(Conflict):
    code = "VaultAlreadyExists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The vault name '{name}' is already in use. Vault names are globally unique so it is possible that the "
            "name is already taken. If you are sure that the vault name was not taken then it is possible that a "
            "vault with the same name was recently deleted but not purged after being placed in a recoverable state."
        )


class VaultInDeletedState(Conflict):
    code = "ConflictError"

    def __init__(self) -> None:
        super().__init__(
            "A vault with the same name already exists in deleted state. You need to either recover or purge existing "
            "key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft "
            "delete."
        )


class NoDeletedVault(NotFound):
    code = "SoftDeletedVaultDoesNotExist"

    def __init__(self, name: str) -> None:
        super().__init__(f"A soft deleted vault with the given name '{name}' does not exist.")


class DeletedVaultNotFound(NotFound):
    code = "DeletedVaultNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"The specified deleted vault '{name}' does not exist.")


class InvalidVaultName(BadRequest):
    code = "VaultNameNotValid"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
            "name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
        )


class Immutable(BadRequest):
    def __init__(self, name: str) -> None:
        super().__init__(f'The property "{name}" has been set already and it can\'t be modified.')


class SecretNotFound(NotFound):
    code = "SecretNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you "
            "may be able to recover it using the correct recovery command."
        )


class SecretInDeletedState(Conflict):
    def __init__(self, name: str, *, exists: bool = False) -> None:
        """`exists`: a backup meets a secret of its name, which Azure refuses too."""
        if exists:
            super().__init__(f"Secret {name} already exists in this vault: a backup is restored under its own name.")
            return
        super().__init__(
            f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this "
            "state, the secret can only be recovered or purged."
        )


class ForbiddenByRbac(Forbidden):
    code = "Forbidden"

    def __init__(self, action: str, vault: str) -> None:
        super().__init__(
            "Caller is not authorized to perform action on resource. If role assignments, deny assignments or role "
            "definitions were changed recently, please observe propagation time. "
            f"Action: '{action}' Vault: {vault}",
            details={"innererror": {"code": "ForbiddenByRbac"}},
        )


class BadParameter(BadRequest):
    code = "BadParameter"


class InvalidVersion(BadParameter):
    def __init__(self, version: str, allowed: Sequence[str]) -> None:
        super().__init__(f"api-version is '{version}', allowed are {', '.join(allowed)}.")


class SecretDisabled(Forbidden):
    code = "Forbidden"

    def __init__(self) -> None:
        super().__init__(
            "Operation get is not allowed on a disabled secret.", details={"innererror": {"code": "SecretDisabled"}}
        )


class KeyDisabled(Forbidden):
    code = "Forbidden"

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"Operation {operation} is not allowed on a disabled key.", details={"innererror": {"code": "KeyDisabled"}}
        )


class PurgeProtected(Forbidden):
    code = "Forbidden"

    def __init__(self) -> None:
        super().__init__(
            'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service '
            "will automatically purge it after the retention period has passed.",
            details={"innererror": {"code": "ForbiddenByPolicy"}},
        )


class NoToken(Unauthorized):
    def __init__(self, tenant: str) -> None:
        super().__init__(
            "AKV10000: Request is missing a Bearer or PoP token.",
            headers={
                "WWW-Authenticate": f'Bearer authorization="https://login.microsoftonline.com/{tenant}", '
                'resource="https://vault.azure.net"'
            },
        )
