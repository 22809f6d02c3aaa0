"""What a module opens to its device and to the network around it, and which files of the device it is given.

Modules of a device reach each other by name at any port (http://scorer:5001/score), published or not. A port that is
published is the device's own, on 127.0.0.1; one that the network may reach needs a file on the device with the key that
callers must show, so that it is in no manifest, twin or environment.

https://learn.microsoft.com/azure/iot-edge/how-to-use-create-options
"""

from __future__ import annotations

import ipaddress
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

HUB_PORTS = (443, 5671, 8883)
"""Which edgeHub publishes on every device."""
MOST_PORT = 65535

Expose = Literal["device", "lan"]
Protocol = Literal["tcp", "udp"]
_ADDRESSES: Mapping[Expose, str] = {"device": "127.0.0.1", "lan": "0.0.0.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFile:
    """A file of the device, mounted read-only. Where the device has none, Docker refuses the module and names it."""

    on_device: str
    in_module: str

    def __post_init__(self) -> None:
        for path in (self.on_device, self.in_module):
            if not path.startswith("/") or posixpath.normpath(path) != path or path == "/":
                raise ValueError(f"{path!r} is refused; allowed: a file's path from the root, without . and ..")

    @property
    def mount(self) -> dict[str, Any]:
        # not a bind: Docker makes a folder of a bind's path that is not there
        return {"Type": "bind", "Source": self.on_device, "Target": self.in_module, "ReadOnly": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    in_module: int
    """Where the module listens."""
    on_device: int | None = None
    """Where the device answers; None: at the same."""
    protocol: Protocol = "tcp"
    expose: Expose = "device"
    key_file: DeviceFile | None = None
    """With what the module asks its callers for a key."""

    def __post_init__(self) -> None:
        for port in (self.in_module, self.published):
            if isinstance(port, bool) or not 1 <= port <= MOST_PORT:
                raise ValueError(f"port {port!r} is refused; allowed: 1 to {MOST_PORT}")
        if self.expose not in _ADDRESSES or self.protocol not in ("tcp", "udp"):
            raise ValueError(f"{self.expose!r}, {self.protocol!r} is refused; allowed: device or lan, tcp or udp")
        if self.expose == "lan" and self.key_file is None:
            raise ValueError(f"port {self.published} for the LAN is refused without key_file, a file on the device")

    @property
    def published(self) -> int:
        return self.on_device or self.in_module

    @property
    def name(self) -> str:
        """As Docker writes it."""
        return f"{self.in_module}/{self.protocol}"

    @property
    def binding(self) -> dict[str, str]:
        return {"HostIp": _ADDRESSES[self.expose], "HostPort": str(self.published)}


def with_ports(options: Mapping[str, Any], ports: Sequence[Port], files: Sequence[DeviceFile]) -> dict[str, Any]:
    """createOptions with these beside their own."""
    for field, given in (("ports", ports), ("files", files)):
        if isinstance(given, Port | DeviceFile):  # a comma that was forgotten
            kind = type(given).__name__
            raise TypeError(f"{field} is one {kind}; a tuple is wanted: {field}=({kind}(...),)")
    keys = [port.key_file for port in ports if port.key_file is not None]
    if not ports and not files:
        return dict(options)
    host = dict(options.get("HostConfig") or {})
    if ports:
        bindings = {name: list(to or []) for name, to in (host.get("PortBindings") or {}).items()}
        for port in ports:
            bindings.setdefault(port.name, []).append(port.binding)
        host["PortBindings"] = bindings
        # an image need not say which ports it listens at
        options = {**options, "ExposedPorts": {**(options.get("ExposedPorts") or {}), **{p.name: {} for p in ports}}}
    if mounts := [one.mount for one in dict.fromkeys([*files, *keys])]:
        host["Mounts"] = [*(host.get("Mounts") or []), *mounts]
    return {**options, "HostConfig": host}


def open_to_the_lan(options: Mapping[str, Any]) -> Iterator[str]:
    """Which ports of a device its network reaches by these createOptions, whoever wrote them, in words.

    https://docs.docker.com/engine/network/port-publishing/"""
    host = _member(options, "HostConfig") or {}
    if _member(host, "NetworkMode") == "host":
        yield "every port that it listens at (NetworkMode: host)"
    if _member(host, "PublishAllPorts"):
        yield "every port that its image names (PublishAllPorts)"
    for name, bindings in (_member(host, "PortBindings") or {}).items():
        for binding in bindings or ():
            if not _is_loopback(str(_member(binding or {}, "HostIp") or "")):
                yield f"port {_member(binding or {}, 'HostPort') or f'(any, for {name})'}"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False  # none is all of them


def _member(options: Mapping[str, Any], name: str) -> Any:
    """Names count in any case."""
    return next((value for key, value in options.items() if key.lower() == name.lower()), None)
