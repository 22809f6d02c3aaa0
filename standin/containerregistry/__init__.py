"""Azure Container Registry: Debian's docker-registry behind a token service that knows scope maps and roles."""

from __future__ import annotations

from standin.containerregistry.actions import name_check
from standin.containerregistry.kinds import RegistryKind, ScopeMapKind, TokenKind
from standin.containerregistry.routes import RegistryService
from standin.containerregistry.state import REGISTRIES, Registries
from standin.core.arm import ResourceKind
from standin.core.http import Route, Service
from standin.core.world import World

__all__ = ["REGISTRIES", "Registries", "build", "kinds", "registries"]

_of_instance: dict[str, Registries] = {}


def registries(world: World) -> Registries:
    """The one `Registries` of this world; container groups ask it for a managed identity's refresh token."""
    known = _of_instance.get(world.instance)
    if known is None or known.world is not world:
        known = _of_instance[world.instance] = Registries(world)
    return known


def kinds(world: World) -> list[ResourceKind]:
    world.arm.route(
        Route(
            "POST",
            "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability",
            name_check(registries(world)),
        )
    )
    return [RegistryKind(registries(world)), ScopeMapKind(), TokenKind(registries(world))]


def build(world: World) -> Service:
    return RegistryService(registries(world))
