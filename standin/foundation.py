"""What stands below every service, made from one state folder.

It is held whole by `app.py`, which builds from it, and by tests. A service never sees it: its `part(...)` takes exactly
what it uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from standin.containers.docker_host import DockerHost
from standin.core.addresses import Ports, default_port_base, instance_of
from standin.core.arm import Arm
from standin.core.auth import Roles, TokenIssuer
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.directory import Directory
from standin.core.faults import Faults
from standin.core.profile import FAST, Profile
from standin.core.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    state: Path
    """The --state folder, absolute."""
    profile: Profile
    ports: Ports
    store: Store
    clock: Clock
    arm: Arm
    authority: Authority
    issuer: TokenIssuer
    directory: Directory
    roles: Roles
    docker: DockerHost
    faults: Faults

    async def close(self) -> None:
        await self.docker.close()
        self.store.close()


def lay_foundation(state: Path, *, profile: Profile = FAST, port_base: int | None = None) -> Foundation:
    """Opens the folder's database and certificate authority, or makes them; takes no port and starts nothing."""
    state = state.resolve()
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(state / "standin.db")
    clock = Clock(store)
    issuer = TokenIssuer(store, clock)
    return Foundation(
        state=state,
        profile=profile,
        ports=Ports(default_port_base(state) if port_base is None else port_base),
        store=store,
        clock=clock,
        arm=Arm(store, clock),
        authority=Authority(state),
        issuer=issuer,
        directory=Directory(store, issuer),
        roles=Roles(store, clock, profile),
        docker=DockerHost(instance_of(state)),
        faults=Faults(),
    )
