"""An IoT Edge device as the hub knows it: its identity, and the tags by which deployments find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from infra.resources.device_identity import DeviceIdentity, DeviceIdentityArgs, KeySecretArgs


@dataclass(frozen=True, kw_only=True)
class EdgeDeviceArgs:
    hub_host: pulumi.Input[str]
    device_id: str
    tags: Mapping[str, str]
    hub_ready: Sequence[pulumi.Resource]
    key_secret: KeySecretArgs | None = None


class EdgeDevice(pulumi.ComponentResource):
    def __init__(self, name: str, args: EdgeDeviceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:EdgeDevice", name, None, opts)
        self.identity = DeviceIdentity(
            name,
            DeviceIdentityArgs(
                hub_host=args.hub_host, device_id=args.device_id, tags=args.tags, key_secret=args.key_secret
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.hub_ready)),
        )
        self.register_outputs({})
