"""`mledge:iothub:DeviceIdentity`: a device of an IoT Hub, with its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class DeviceIdentityArgs:
    hub_host: pulumi.Input[str]
    device_id: pulumi.Input[str]
    edge: pulumi.Input[bool] = True
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


class DeviceIdentity(MledgeResource):
    resource_type = "mledge:iothub:DeviceIdentity"
    outputs = ("primaryKey", "connectionString", "generationId")
    secret_outputs = ("primaryKey", "connectionString")

    def __init__(self, name: str, args: DeviceIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def primary_key(self) -> pulumi.Output[str]:
        return self.output("primaryKey")

    @property
    def connection_string(self) -> pulumi.Output[str]:
        return self.output("connectionString")

    @property
    def generation_id(self) -> pulumi.Output[str]:
        return self.output("generationId")
