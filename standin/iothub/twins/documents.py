"""Twins as the service API shows them and as queries see them: with what the registry knows of their identities.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twins
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.iothub.registry.identity import Identity
from standin.iothub.registry.presence import Presence, Presences
from standin.iothub.registry.state import IdentityRegistry
from standin.iothub.twins.state import Twins
from standin.iothub.twins.twin import TwinRecord

Document = Mapping[str, Any]


class TwinDocuments:
    """Lists are ordered by device, then module."""

    def __init__(self, registry: IdentityRegistry, twins: Twins, presences: Presences) -> None:
        self._registry = registry
        self._twins = twins
        self._presences = presences

    def document(self, device: str, module: str | None = None) -> Document:
        """Raises NotFound."""
        identity = self._registry.get(device, module)
        return _document(self._twins.get(device, module), identity, self._presences.of(device, module))

    def devices(self) -> list[Document]:
        return [self.document(device.device) for device in self._registry.devices()]

    def modules(self) -> list[Document]:
        return [
            self.document(device.device, identity.module)
            for device in self._registry.devices()
            for identity in self._registry.modules(device.device)
        ]


def _document(twin: TwinRecord, identity: Identity, presence: Presence) -> dict[str, Any]:
    body: dict[str, Any] = {"deviceId": twin.device}
    if twin.module is not None:
        body["moduleId"] = twin.module
    body |= {
        "etag": twin.etag,
        "deviceEtag": identity.etag,
        "status": identity.status,
        "statusUpdateTime": identity.status_updated,
        "connectionState": "Connected" if presence.connected else "Disconnected",
        "lastActivityTime": presence.last_activity,
        "cloudToDeviceMessageCount": 0,
        "authenticationType": identity.authentication,
        "x509Thumbprint": {"primaryThumbprint": None, "secondaryThumbprint": None},
        "modelId": "",
        "version": twin.version,
        "tags": twin.tags,
        "properties": {"desired": twin.desired.full(), "reported": twin.reported.full()},
    }
    return body | _device_part(identity) | ({"configurations": _statuses(twin)} if twin.configurations else {})


def _device_part(identity: Identity) -> dict[str, Any]:
    if identity.module is not None:
        return {}
    scope = {"deviceScope": identity.device_scope} if identity.device_scope else {}
    parents = {"parentScopes": list(identity.parent_scopes)} if identity.parent_scopes else {}
    reason = {"statusReason": identity.status_reason} if identity.status_reason else {}
    return {"capabilities": {"iotEdge": identity.edge}, **scope, **parents, **reason}


def _statuses(twin: TwinRecord) -> Mapping[str, Any]:
    return {name: {"status": status} for name, status in twin.configurations.items()}
