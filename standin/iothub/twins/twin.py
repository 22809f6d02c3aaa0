"""A twin as the hub keeps it, and as others get to see it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standin.iothub.registry.identity import Identity
from standin.iothub.twins.section import Section

_NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRecord:
    """`version` moves with every write, `writes` (the etag) with those of the service only.

    `configurations` tells for each automatic deployment that targets the twin whether it is Applied or Targeted.
    """

    device: str
    module: str | None
    tags: dict[str, Any] = field(default_factory=dict)
    desired: Section = field(default_factory=Section)
    reported: Section = field(default_factory=Section)
    version: int = 2
    writes: int = 1
    configurations: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return base64.b64encode(self.writes.to_bytes(8, "big")).decode()

    def snapshot(self) -> Twin:
        return Twin(
            device=self.device,
            module=self.module,
            desired=self.desired.plain(),
            reported=self.reported.plain(),
            tags=dict(self.tags),
            version=self.version,
            configurations=dict(self.configurations),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """For the edge runtime: `desired` and `reported` are plain dicts with their `$version`, and copies."""

    device: str
    module: str | None
    desired: dict[str, Any]
    reported: dict[str, Any]
    tags: dict[str, Any]
    version: int
    configurations: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether an identity is connected now, and when it last was heard of."""

    connected: bool = False
    changed: str = _NEVER
    last_activity: str = _NEVER


def document(twin: TwinRecord, identity: Identity, presence: Presence) -> dict[str, Any]:
    """The twin as the service API shows it and as queries see it."""
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
