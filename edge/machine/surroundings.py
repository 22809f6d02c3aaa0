"""Where a machine finds packages, its identity and a vault: Azure's own addresses, or what the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.machine.pins import MICROSOFT_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    packages: str = "https://packages.microsoft.com"
    packages_key: str = MICROSOFT_KEY
    """Fingerprint of the key that its packages are signed with."""
    metadata: str = "http://169.254.169.254"
    vault_suffix: str = "vault.azure.net"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Surroundings:
        """Of EDGEWAY_MACHINE_<FIELD>, which the local stack sets: another cloud, or a mirror, has others, too."""
        named = {name: environment.get(f"EDGEWAY_MACHINE_{name.upper()}") for name in cls.__slots__}
        return cls(**{name: value for name, value in named.items() if value})


AZURE = Surroundings()
