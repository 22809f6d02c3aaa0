"""`mledge:iothub:DeviceIdentity`: a device of an IoT Hub, with its tags, and where its machine fetches its key.

Neither the program nor the stack's state sees a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class KeySecretArgs:
    vault: pulumi.Input[str]
    """Its name."""
    name: str


@dataclass(frozen=True, kw_only=True)
class DeviceIdentityArgs:
    hub_host: pulumi.Input[str]
    device_id: pulumi.Input[str]
    edge: pulumi.Input[bool] = True
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    key_secret: KeySecretArgs | None = None
    """Holds one of the device's two keys, whichever it signs in with: whoever deploys has to be an officer of the
    vault's secrets, and the vault has to be there before the device is made."""


class DeviceIdentity(MledgeResource):
    resource_type = "mledge:iothub:DeviceIdentity"
    outputs = ("generationId",)

    def __init__(self, name: str, args: DeviceIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def generation_id(self) -> pulumi.Output[str]:
        return self.output("generationId")
