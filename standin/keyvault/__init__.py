"""Azure Key Vault: vaults and secrets through ARM, reading and deleting secrets at the vault's own host."""

from __future__ import annotations

from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.part import Part
from standin.core.store import Store
from standin.keyvault.handlers import VaultHandlers
from standin.keyvault.keys import Keys
from standin.keyvault.kinds import Secret, Vault
from standin.keyvault.routes import arm_routes, routes
from standin.keyvault.service import VaultService
from standin.keyvault.state import Vaults

__all__ = ["part"]


def part(arm: Arm, store: Store, roles: Roles) -> Part:
    vault, secret = Vault(arm), Secret()
    handlers = VaultHandlers(Vaults(arm, store, vault, secret), Keys(arm), roles)
    return Part(
        name="keyvault",
        service=VaultService(routes(handlers)),
        kinds=(vault, secret),
        arm_routes=arm_routes(handlers),
    )
