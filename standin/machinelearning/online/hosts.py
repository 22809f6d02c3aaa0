"""Which endpoint answers at a host: looked up for each request, so kept beside the store."""

from __future__ import annotations

from standin.core.arm import Arm, Resource
from standin.machinelearning.online.names import ENDPOINTS, host_of, is_kubernetes

_ON_KUBERNETES = "/"


class Hosts:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._ids: dict[str, str] = {}

    def load(self) -> None:
        """All that an earlier process knew."""
        for endpoint in self._arm.list(ENDPOINTS):
            self.add(endpoint)

    def add(self, endpoint: Resource) -> None:
        self._ids[_key(endpoint)] = endpoint.id

    def drop(self, endpoint: Resource) -> None:
        self._ids.pop(_key(endpoint), None)

    def endpoint(self, host: str) -> Resource | None:
        found = self._ids.get(host)
        return self._arm.get(found) if found else None

    def on_kubernetes(self, name: str) -> Resource | None:
        found = self._ids.get(_ON_KUBERNETES + name.lower())
        return self._arm.get(found) if found else None


def _key(endpoint: Resource) -> str:
    """On Kubernetes all endpoints of a cluster are asked at one host."""
    if is_kubernetes(endpoint):
        return _ON_KUBERNETES + endpoint.name.lower()
    return host_of(endpoint.name, endpoint.location)
