"""What a service is given: one object with the parts of the stand-in it may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from standin.core.arm.manager import Arm
from standin.core.auth import Directory, Roles
from standin.core.certificates import Authority
from standin.core.clock import Clock
from standin.core.docker import DockerHost
from standin.core.profile import Profile
from standin.core.store import Store

if TYPE_CHECKING:
    from standin.core.control import Control
    from standin.core.faults import Faults

CONTROL_HOST = "standin.edgeway.internal"


@dataclass(frozen=True, slots=True)
class Ports:
    base: int

    @property
    def proxy(self) -> int:
        return self.base

    @property
    def tls(self) -> int:
        return self.base + 1

    @property
    def registry(self) -> int:
        return self.base + 2

    @property
    def plain(self) -> int:
        """Plain HTTP on loopback: the registry's token service and the control surface."""
        return self.base + 3


Resolver = Callable[[str], tuple[str, int] | None]
"""Host name -> loopback address and port that the proxy connects to, not the TLS server; 0 = the port asked for."""

Background = Callable[[], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class World:
    state: Path
    """The --state folder, absolute."""
    store: Store
    clock: Clock
    profile: Profile
    authority: Authority
    ports: Ports
    instance: str
    docker: DockerHost
    directory: Directory
    """Issues and reads Entra tokens."""
    roles: Roles
    """`world.roles.allows(object_id, scope, ["AcrPull"])`."""
    faults: Faults
    """`world.faults.is_cut("edge-01")`; set through /_standin/faults."""
    control: Control
    """A service adds its own routes below /_standin/ and names what it keeps alive."""
    tunnels: dict[str, Resolver] = field(default_factory=dict)
    """Host suffix -> resolver, for hosts that the proxy hands to something else (".azurecontainer.io")."""
    arm: Arm = field(init=False)

    def __post_init__(self) -> None:
        self.arm = Arm(self)
