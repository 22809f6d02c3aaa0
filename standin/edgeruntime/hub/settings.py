"""Where a hub finds what it needs: a folder of configuration that the agent writes, read again at every connection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from standin.edgeruntime.hub.domain.store import Durability

EVERY_ADDRESS = "0.0.0.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSettings:
    """`wss://<hub>/_standin/edge/<device>`, through `address:port` where the name itself does not resolve."""

    address: str
    port: int
    key: str
    """The primary key of `$edgeHub`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    config: Path
    hub: str
    device: str
    store: Path
    workload: Path
    bind: str = EVERY_ADDRESS
    port: int = 8883
    health_port: int = 9600
    durability: Durability = "NORMAL"

    @property
    def mqtt_address(self) -> tuple[str, int]:
        return self.bind, self.port

    @property
    def certificate(self) -> Path:
        return self.config / "server.crt"

    @property
    def private_key(self) -> Path:
        return self.config / "server.key"

    @property
    def trust_bundle(self) -> Path:
        return self.config / "ca.pem"

    def upstream(self) -> UpstreamSettings:
        """Read each time: a key that was regenerated must not need a new container."""
        return UpstreamSettings(**json.loads((self.config / "config.json").read_text())["upstream"])


def load_settings(config: Path, *, store: Path, workload: Path, bind: str = EVERY_ADDRESS) -> Settings:
    values = json.loads((config / "config.json").read_text())
    return Settings(
        config=config,
        hub=values["hub"],
        device=values["device"],
        store=store,
        workload=workload,
        bind=bind,
        durability=values.get("durability", "NORMAL"),
    )
