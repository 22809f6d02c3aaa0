"""The files that make a machine an IoT Edge device: none of them holds a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from edge.machine.edge_config import EDGE_CA_DAYS, EdgeConfig, config_toml
from edge.machine.pins import (
    AGENT_IMAGE,
    CODENAMES,
    CONTAINER_TOOLKIT,
    DRIVER,
    EDGE_VERSION,
    MOBY_VERSIONS,
    NVIDIA_KEY,
    Ubuntu,
)
from edge.machine.surroundings import AZURE, Surroundings
from edge.machine.units import DOCKER_DROP_IN, FIRST, SERVICE, TIMER

METADATA_VERSION, SECRET_VERSION = "2018-02-01", "7.4"
_PATIENCE_SECONDS = 900
"""How long a run asks for the key: Azure may take ten minutes to honour a role. Then systemd starts another."""
_AZURE_DNS = "168.63.129.16"
_UNITS = "/etc/systemd/system"
PROVISION = "/usr/local/sbin/edgeway-provision"
_PROGRAM = Path(__file__).with_name("provision.py")
# as they stand in that program, which is imported by nobody: it knows nothing but the machine's own Python
SETTINGS, CONFIG, KEY = "/etc/edgeway/machine.json", "/etc/aziot/config.toml", "/var/secrets/aziot/keyd/device-id"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSecret:
    """The device's key as a secret of a vault, which an identity of the virtual machine may read."""

    vault: str
    secret: str
    client_id: str
    """Of the user-assigned identity: a machine may have several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """The device's key in a file of the machine: its bytes, mode 0600."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    hub_host: str
    device_id: str
    key: VaultSecret | KeyFile
    made_by: str
    """What to run for another one: it stands in config.toml."""
    ubuntu: Ubuntu = "24.04"
    gpu: bool = False
    elevated: bool = False
    edge_ca_days: int = EDGE_CA_DAYS
    hostname: str | None = None
    agent_image: str = AGENT_IMAGE
    surroundings: Surroundings = AZURE

    @property
    def in_azure(self) -> bool:
        return isinstance(self.key, VaultSecret)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFile:
    """Of root."""

    path: str
    mode: int
    content: str


def machine_files(machine: Machine) -> list[MachineFile]:
    """In no order; `units.ACTIVATE` says what comes then."""
    units = {
        f"{_UNITS}/edgeway-provision.service": SERVICE,
        f"{_UNITS}/edgeway-provision.timer": TIMER,
        f"{_UNITS}/edgeway-first.service": FIRST,
    }
    if machine.in_azure:
        units[f"{_UNITS}/docker.service.d/edgeway.conf"] = DOCKER_DROP_IN
    return [
        MachineFile(path=SETTINGS, mode=0o644, content=_json(_settings(machine))),
        MachineFile(path=CONFIG, mode=0o600, content=_config(machine)),
        MachineFile(path="/etc/docker/daemon.json", mode=0o644, content=_json(_daemon(machine))),
        MachineFile(path=PROVISION, mode=0o700, content=_PROGRAM.read_text(encoding="utf-8")),
        *(MachineFile(path=path, mode=0o644, content=content) for path, content in units.items()),
    ]


def _config(machine: Machine) -> str:
    config = EdgeConfig(
        hub_host=machine.hub_host,
        device_id=machine.device_id,
        key_file=KEY,
        agent_image=machine.agent_image,
        hostname=machine.hostname,
        edge_ca_days=machine.edge_ca_days,
        elevated=machine.elevated,
    )
    return config_toml(config, machine.made_by)


def _settings(machine: Machine) -> dict[str, Any]:
    """What `provision` reads."""
    there = machine.surroundings
    microsoft = {
        "name": "microsoft",
        "key": f"{there.packages}/keys/microsoft.asc",
        "fingerprint": there.packages_key,
        "line": f"{there.packages}/ubuntu/{machine.ubuntu}/prod {CODENAMES[machine.ubuntu]} main",
    }
    toolkit = "https://nvidia.github.io/libnvidia-container"
    nvidia = {
        "name": "nvidia",
        "key": f"{toolkit}/gpgkey",
        "fingerprint": NVIDIA_KEY,
        "line": f"{toolkit}/stable/deb/amd64 /",
    }
    return {
        "repositories": [microsoft, nvidia] if machine.gpu else [microsoft],
        "packages": _packages(machine),
        "gpu": machine.gpu,
        "key": _key(machine),
    }


def _packages(machine: Machine) -> list[list[str]]:
    """Docker looks for NVIDIA's hook when it starts, so that comes first."""
    moby, toolkit = MOBY_VERSIONS[machine.ubuntu], CONTAINER_TOOLKIT
    gpu = [
        ["linux-azure", f"linux-modules-nvidia-{DRIVER}-azure", f"nvidia-utils-{DRIVER}"],
        [
            f"nvidia-container-toolkit={toolkit}",
            f"nvidia-container-toolkit-base={toolkit}",
            f"libnvidia-container-tools={toolkit}",
            f"libnvidia-container1={toolkit}",
        ],
    ]
    return [
        *(gpu if machine.gpu else []),
        [f"moby-engine={moby}", f"moby-cli={moby}"],
        [f"aziot-identity-service={EDGE_VERSION}", f"aziot-edge={EDGE_VERSION}"],
    ]


def _key(machine: Machine) -> dict[str, Any]:
    if isinstance(machine.key, KeyFile):
        return {"file": machine.key.path}
    there, key = machine.surroundings, machine.key
    asked = {
        "api-version": METADATA_VERSION,
        "resource": f"https://{there.vault_suffix}",
        "client_id": key.client_id,
    }
    vault = f"https://{key.vault}.{there.vault_suffix}"
    return {
        "token": f"{there.metadata}/metadata/identity/oauth2/token?{urlencode(asked)}",
        "secret": f"{vault}/secrets/{quote(key.secret)}?api-version={SECRET_VERSION}",
        "seconds": _PATIENCE_SECONDS,
    }


def _daemon(machine: Machine) -> dict[str, Any]:
    """Of Docker: modules that do not say it themselves keep 30 MB of output, and outlive a restart of the engine."""
    return {
        "log-driver": "local",
        "log-opts": {"max-size": "10m", "max-file": "3"},
        "live-restore": True,
        **({"dns": [_AZURE_DNS]} if machine.in_azure else {}),
        **({"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "args": []}}} if machine.gpu else {}),
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=1) + "\n"
