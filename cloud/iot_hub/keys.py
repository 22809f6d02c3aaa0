"""The two keys of a device that signs in by one of them: read, and changed together with what else its identity says.

https://learn.microsoft.com/rest/api/iothub/service/devices/create-or-update-identity
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from cloud.errors import ServiceError
from cloud.iot_hub.client import IotHub, registry

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeys:
    """Each in base64, and in no `repr`."""

    device_id: str
    primary: str = field(repr=False)
    secondary: str = field(repr=False)
    identity: Any = field(repr=False, compare=False)
    """The SDK's own model with its etag: a change puts back the whole."""


def fingerprint(key: str) -> str:
    """Of a key in base64, what may be shown of it: 8 digits by which two keys are told apart."""
    return hashlib.sha256(base64.b64decode(key)).hexdigest()[:_SHOWN]


def device_keys(hub: IotHub, device_id: str) -> DeviceKeys:
    """Both are empty where the device signs in by certificate."""
    identity = hub.call(f"device {device_id!r}", lambda: registry(hub.host).get_device(device_id))
    pair = identity.authentication and identity.authentication.symmetric_key
    return DeviceKeys(
        device_id=device_id,
        primary=str((pair and pair.primary_key) or ""),
        secondary=str((pair and pair.secondary_key) or ""),
        identity=identity,
    )


def change_device_keys(hub: IotHub, before: DeviceKeys, *, primary: str, secondary: str) -> None:
    """ServiceError 412 where somebody else has changed the device since `before` was read."""
    identity = before.identity
    pair = identity.authentication.symmetric_key
    pair.primary_key, pair.secondary_key = primary, secondary
    etag = f'"{str(identity.etag).strip(chr(34))}"'
    devices = registry(hub.host).protocol.devices
    what = f"keys of the device {before.device_id!r}"
    try:
        hub.call(what, lambda: devices.create_or_update_identity(before.device_id, identity, etag))
    except ServiceError as error:
        # the answer to an earlier try may have been lost
        if error.status != 412 or not _are(device_keys(hub, before.device_id), primary, secondary):
            raise


def _are(keys: DeviceKeys, primary: str, secondary: str) -> bool:
    return (keys.primary, keys.secondary) == (primary, secondary)
