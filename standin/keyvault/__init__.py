"""Azure Key Vault: vaults and secrets through ARM, reading and deleting secrets at the vault's own host."""

from __future__ import annotations

from standin.core.arm import ResourceKind
from standin.core.http import Service
from standin.core.world import World
from standin.keyvault.handlers import VaultHandlers
from standin.keyvault.kinds import Secret, Vault
from standin.keyvault.routes import VaultService, arm_routes
from standin.keyvault.state import Vaults

__all__ = ["build", "kinds"]


def build(world: World) -> Service:
    handlers = VaultHandlers(world, Vaults(world))
    for route in arm_routes(handlers):
        world.arm.route(route)
    return VaultService(handlers)


def kinds(world: World) -> list[ResourceKind]:
    return [Vault(), Secret()]
