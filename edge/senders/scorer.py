"""A model's scorer as a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from contracts.limits import MemoryMb, ServerSettings
from contracts.names import (
    SCORING_PORT,
    SECRET_SCORING_KEY,
    SECRET_TLS_CERTIFICATE,
    SECRET_TLS_PRIVATE_KEY,
    SECRETS_FOLDER,
)
from edge.manifest import HUB_PORTS, DeviceFile, Expose, Misfit, Module, Port
from edge.senders.host import USER, limited

_LOW_PORTS = "net.ipv4.ip_unprivileged_port_start"
"""So that who is not root may listen below it, in the network of that one container."""
TLS_PORT = 5443
"""In a module: below 1024 its user may not listen everywhere."""


class ScorerSettings(ServerSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What a layer lets its user set of its scorer: its own settings inherit from these."""

    memory_mb: MemoryMb = 512
    gpu: bool = False
    """It computes on the device's, or does not serve; the model says `gpu: true`, too."""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    """Of the device, at which it takes requests; none without it. Modules of the device ask it by name in any case."""
    expose: Expose = "device"
    """Who reaches that port: what runs on the device, by HTTP at 127.0.0.1; or its network too, by HTTPS and key."""
    secrets_folder: (
        Annotated[
            str,
            Meta(
                pattern=r"^(/(?!\.\.?(/|\Z))[A-Za-z0-9._-]+)+\Z",
                description="a folder's path from the device's root, of letters, digits and . _ - /",
            ),
        ]
        | None
    ) = None
    """On the device, with the key, the certificate and its private key for `lan`."""

    def __post_init__(self) -> None:
        files = f"{SECRET_SCORING_KEY}, {SECRET_TLS_CERTIFICATE} and {SECRET_TLS_PRIVATE_KEY}"
        if self.port in HUB_PORTS:
            raise Misfit("port", f"another than edgeHub's on every device: {', '.join(map(str, HUB_PORTS))}")
        if self.expose == "lan" and (self.port is None or self.secrets_folder is None):
            missing = "port" if self.port is None else "secretsFolder"
            raise Misfit("expose", f"device, or lan with {missing}, and a folder on the device that has {files}")
        if self.expose != "lan" and self.secrets_folder is not None:
            raise Misfit("secretsFolder", "one for expose: lan alone; on the device no key is asked for")


def scorer_module(
    image: object, settings: ScorerSettings, *, listens: int = SCORING_PORT, env: Mapping[str, str] | None = None
) -> Module:
    """`listens`: at which port of the module, where others of the device know it by another than the server's own;
    `env` is the entry script's."""
    lan = settings.expose == "lan"
    other = listens != SCORING_PORT
    host = {**limited(settings.memory_mb), **({"Sysctls": {_LOW_PORTS: "0"}} if other else {})}
    return Module(
        image=image,
        create_options={"User": USER, "HostConfig": host},
        gpu=settings.gpu,
        env={
            **({"SCORING_DEVICE": "cuda"} if settings.gpu else {}),
            **({"SCORING_PORT": str(listens)} if other else {}),
            **(env or {}),
            **settings.variables(settings.memory_mb),
            **({"SCORING_TLS_PORT": str(TLS_PORT)} if lan else {}),
        },
        startup_order=1,
        ports=() if settings.port is None else (_port(settings.port, settings, listens),),
        files=(_secret(settings, SECRET_TLS_CERTIFICATE), _secret(settings, SECRET_TLS_PRIVATE_KEY)) if lan else (),
    )


def _port(port: int, settings: ScorerSettings, listens: int) -> Port:
    if settings.expose == "device":
        return Port(in_module=listens, on_device=port)
    key = _secret(settings, SECRET_SCORING_KEY)
    # without the certificate nothing listens there: the key never travels in the clear
    return Port(in_module=TLS_PORT, on_device=port, expose="lan", key_file=key)


def _secret(settings: ScorerSettings, name: str) -> DeviceFile:
    return DeviceFile(on_device=f"{settings.secrets_folder}/{name}", in_module=f"{SECRETS_FOLDER}/{name}")
