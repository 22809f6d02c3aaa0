"""`mledge:iothub:EdgeDeployment`: an automatic deployment of an IoT Hub, the base or a layer over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class EdgeDeploymentArgs:
    hub_host: pulumi.Input[str]
    name: pulumi.Input[str]
    kind: Literal["base", "layer"]
    content: pulumi.Input[Mapping[str, Any]]
    """What stands under `modulesContent`."""
    target_condition: pulumi.Input[str]
    priority: pulumi.Input[int]
    metrics: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    wait_seconds: pulumi.Input[int] = 0
    """For how long `up` waits until the targeted devices run it; 0 does not wait."""


class EdgeDeployment(MledgeResource):
    resource_type = "mledge:iothub:EdgeDeployment"
    outputs = ("configurationId", "contentDigest")

    def __init__(self, name: str, args: EdgeDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def configuration_id(self) -> pulumi.Output[str]:
        return self.output("configurationId")

    @property
    def content_digest(self) -> pulumi.Output[str]:
        return self.output("contentDigest")
