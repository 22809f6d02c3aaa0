"""Where a virtual device lives on this machine: its names, folders and loopback address.

Container and host names allow less than device ids do, and two hubs may each have a device of the same id.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

HUB_CONTAINER = "edgeHub"
WORKLOAD_SOCKET = "workload.sock"
MAX_SLUG = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNames:
    host: str
    device: str
    slug: str
    prefix: str
    """Of everything that this stand-in makes in Docker."""
    folder: Path

    @property
    def network(self) -> str:
        return f"{self.prefix}{self.slug}"

    @property
    def volume(self) -> str:
        return f"{self.prefix}{self.slug}-store"

    @property
    def gateway(self) -> str:
        """The host name under which modules find the device's hub."""
        return self.slug.lower()

    @property
    def address(self) -> str:
        """Ports that modules publish appear here, so that devices do not take them from each other."""
        digest = hashlib.sha256(f"{self.prefix}{self.slug}".encode()).digest()
        return f"127.{64 + digest[0] % 64}.{digest[1]}.{digest[2] % 253 + 2}"

    def container(self, module: str) -> str:
        return f"{self.network}-{module}"

    def workload(self, module: str) -> Path:
        return self.folder / "workload" / module


def slug_of(host: str, device: str, *, taken: bool) -> str:
    """The device's id wherever Docker and DNS take it as it is and no other hub's device has it."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", device)[:MAX_SLUG].strip("-.") or "device"
    if plain == device and not taken:
        return plain
    return f"{plain}-{hashlib.sha256(f'{host.lower()}/{device}'.encode()).hexdigest()[:6]}"
