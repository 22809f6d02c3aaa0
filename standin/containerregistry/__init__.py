"""Azure Container Registry: Debian's docker-registry behind a token service that knows scope maps and roles."""

from __future__ import annotations

from standin.containerregistry.actions import RegistryActions
from standin.containerregistry.generating import Generating
from standin.containerregistry.handlers import TokenHandlers
from standin.containerregistry.kinds import RegistryKind, ScopeMapKind, TokenKind
from standin.containerregistry.processes import RegistryProcesses
from standin.containerregistry.routes import arm_routes, routes
from standin.containerregistry.service import RegistryService
from standin.containerregistry.signer import Keys
from standin.containerregistry.state import Registries
from standin.core.arm import Arm
from standin.core.clock import Clock
from standin.core.part import Part
from standin.core.profile import Profile
from standin.core.store import Store

__all__ = ["Keys", "Registries", "RegistryProcesses", "part"]


def part(
    arm: Arm, registries: Registries, processes: RegistryProcesses, *, store: Store, clock: Clock, profile: Profile
) -> Part:
    actions = RegistryActions(arm, registries, Generating(arm, registries, store, clock, profile), clock)
    return Part(
        name="containerregistry",
        service=RegistryService(routes(TokenHandlers(registries)), processes),
        kinds=(RegistryKind(arm, registries, processes, actions), ScopeMapKind(), TokenKind(arm, registries)),
        arm_routes=arm_routes(actions),
    )
