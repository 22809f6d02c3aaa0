"""Azure Container Registry: Debian's docker-registry behind a token service that knows scope maps and roles."""

from __future__ import annotations

from standin.containerregistry.actions import RegistryActions
from standin.containerregistry.handlers import TokenHandlers
from standin.containerregistry.kinds import RegistryKind, ScopeMapKind, TokenKind
from standin.containerregistry.routes import arm_routes, routes
from standin.containerregistry.service import RegistryService
from standin.containerregistry.state import Registries
from standin.core.arm import Arm
from standin.core.clock import Clock
from standin.core.part import Part

__all__ = ["Registries", "part"]


def part(arm: Arm, registries: Registries, clock: Clock) -> Part:
    actions = RegistryActions(arm, registries, clock)
    return Part(
        name="containerregistry",
        service=RegistryService(routes(TokenHandlers(registries)), registries),
        kinds=(RegistryKind(arm, registries, actions), ScopeMapKind(), TokenKind(arm, registries)),
        arm_routes=arm_routes(actions),
    )
