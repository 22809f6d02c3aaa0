"""Identities of devices and modules, as the hub's registry keeps them.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry
"""

from __future__ import annotations

from dataclasses import dataclass

EDGE_AGENT_MODULE, EDGE_HUB_MODULE = "$edgeAgent", "$edgeHub"
SYSTEM_MODULES = (EDGE_AGENT_MODULE, EDGE_HUB_MODULE)
"""What every edge device has, made and taken away by the hub."""
MANAGED_BY = "iotEdge"
"""Whose a module is that the hub or the edge agent made, as the hub writes it. Azure's agent writes `IotEdge`, and
compares without case: Azure/iotedge ModuleIdentityLifecycleManager.cs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A device (`module` is None) or one of its modules. Keys are base64 text; empty where the type is not `sas`."""

    device: str
    module: str | None
    generation_id: str
    etag: str
    primary_key: str
    secondary_key: str
    authentication: str = "sas"
    status: str = "enabled"
    status_reason: str | None = None
    edge: bool = False
    managed_by: str | None = None
    device_scope: str | None = None
    parent_scopes: tuple[str, ...] = ()
    status_updated: str = "0001-01-01T00:00:00Z"

    @property
    def enabled(self) -> bool:
        return self.status == "enabled"

    @property
    def managed_by_edge(self) -> bool:
        """Whether hub and agent may take the module away again; one that somebody made by hand is let alone."""
        return (self.managed_by or "").lower() == MANAGED_BY.lower()
