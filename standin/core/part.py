"""The contract of a service of the stand-in: all that it adds, as data.

Each service is one folder, and `app.py` has one line for it. Its files, of which one that would be empty is left out:

    __init__.py   `part(...)`: from what the service uses (store, clock, another service's state) to its Part
    kinds.py      its ARM resource types; a folder of them where there are many
    state.py      what it decides and remembers; knows no HTTP
    handlers.py   from requests to the state and back
    routes.py     tables: method, path, handler
    service.py    the hosts of its data plane, and what runs while the stand-in runs
    errors.py     its refusals, in Azure's codes and words

Making a Part starts nothing and writes nothing: that is `Service.start`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from standin.core.arm.kinds import ResourceKind
from standin.core.http import Route, Service, WebSocketHandler

T = TypeVar("T")

CONTROL_PREFIX = "/_standin/"

Resolver = Callable[[str], tuple[str, int] | None]
"""Host name -> loopback address and port that the proxy connects to, not the TLS server; 0 = the port asked for."""

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Opens = Callable[[Asgi, Callable[[], Sequence[str]]], None]
"""Gets the application, and the host names that it answers now."""

Inventory = Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    """The service's folder."""
    service: Service | None = None
    kinds: Sequence[ResourceKind] = ()
    arm_routes: Sequence[Route] = ()
    """On management.azure.com, beside those of its kinds (deletedVaults, checkNameAvailability)."""
    refused_hosts: Sequence[str] = ()
    """Azure's names that the proxy lets in although nothing serves them: they meet Azure's own 404, not a 403."""
    tunnels: Mapping[str, Resolver] = field(default_factory=dict)
    """Host suffix -> resolver, for hosts that the proxy hands to something else (".azurecontainer.io")."""
    control_routes: Sequence[Route] = ()
    """Of the stand-in's own surface: "/_standin/devices/{device}/power"."""
    control_websockets: Mapping[str, WebSocketHandler] = field(default_factory=dict)
    """On every host of the stand-in: a device's hub comes to the host name of its IoT Hub."""
    opens: Opens | None = None
    """For a part with doors of its own to the stand-in: those of virtual machines."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the stand-in's clients must know of it, as variables of their environment."""
    inventories: Mapping[str, Inventory] = field(default_factory=dict)
    """What it keeps alive beside ARM resources, by name: `make down` wants it empty."""

    def __post_init__(self) -> None:
        for pattern in (*(route.pattern for route in self.control_routes), *self.control_websockets):
            if not pattern.startswith(CONTROL_PREFIX):
                raise ValueError(f"{self.name}: a control path starts with {CONTROL_PREFIX}, got {pattern!r}")


def merged(of_parts: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """What the parts add under names, together; ValueError where two claim the same name."""
    together: dict[str, T] = {}
    for of_part in of_parts:
        for name, added in of_part.items():
            if name in together:
                raise ValueError(f"two parts of the stand-in claim {name!r}")
            together[name] = added
    return together


def by_claim(routes: Iterable[Route]) -> Iterable[Mapping[str, Route]]:
    """For `merged`: of two routes with one method and path, whatever they call its segments, only one would answer."""
    return ({f"{route.method} {re.sub('{[^}]*}', '{}', route.pattern).lower()}": route} for route in routes)
