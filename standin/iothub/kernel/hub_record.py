"""What the stand-in remembers of a hub beside its ARM resource: keys and addresses.

https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas#access-control-and-permissions
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

REGISTRY_READ, REGISTRY_WRITE = "RegistryRead", "RegistryWrite"
SERVICE, DEVICE = "ServiceConnect", "DeviceConnect"

POLICIES: dict[str, tuple[str, ...]] = {
    "iothubowner": (REGISTRY_READ, REGISTRY_WRITE, SERVICE, DEVICE),
    "service": (SERVICE,),
    "device": (DEVICE,),
    "registryRead": (REGISTRY_READ,),
    "registryReadWrite": (REGISTRY_READ, REGISTRY_WRITE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKeys:
    primary: str
    secondary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRecord:
    """`namespace` is the host of the Event Hub-compatible endpoint, `groups` its consumer groups beside $Default."""

    name: str
    resource_id: str
    host: str
    namespace: str
    partitions: int
    retention_days: int
    configurations_limit: int
    created: str
    policies: dict[str, PolicyKeys] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    local_auth: bool = True
    device_sas: bool = True
    module_sas: bool = True
    fallback: bool = True
    """Whether messages reach the built-in endpoint: its route is the only one that is built."""

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    @property
    def consumer_groups(self) -> set[str]:
        """All consumer groups, in lower case."""
        return {"$default", *(group.lower() for group in self.groups)}

    def policy_keys(self, policy: str, right: str) -> list[str]:
        """None for a policy that does not exist or lacks the right; none at all where local authentication is off."""
        keys = self.policies.get(policy) if self.local_auth else None
        return [keys.primary, keys.secondary] if keys is not None and right in POLICIES[policy] else []


def new_policies() -> dict[str, PolicyKeys]:
    return {name: PolicyKeys(primary=_key(), secondary=_key()) for name in POLICIES}


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
