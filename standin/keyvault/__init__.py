"""Azure Key Vault: vaults and secrets through ARM, secrets and keys at the vault's own host."""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.store import Store
from standin.keyvault.access import VaultAccess
from standin.keyvault.handlers import VaultHandlers
from standin.keyvault.keys import Keys
from standin.keyvault.kinds import Secret, Vault
from standin.keyvault.routes import arm_routes, routes
from standin.keyvault.secret_handlers import SecretHandlers
from standin.keyvault.secrets import Secrets
from standin.keyvault.service import VaultService
from standin.keyvault.state import Vaults

__all__ = ["part"]


def part(arm: Arm, store: Store, roles: Roles, clock: Clock) -> Part:
    vault, secret = Vault(arm), Secret()
    vaults = Vaults(arm, store, vault, secret)
    access = VaultAccess(vaults, roles)
    handlers = VaultHandlers(access, vaults, Keys(arm), roles)
    secrets = SecretHandlers(access, vaults, Secrets(arm, store, clock, vaults, secret))
    return Part(
        name="keyvault",
        service=VaultService(routes(handlers, secrets)),
        kinds=(vault, secret),
        arm_routes=arm_routes(handlers),
    )
