"""A layer of modules over the base deployment, for the devices that its condition targets.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#layered-deployment
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.resources.edge_deployment import EdgeDeployment, EdgeDeploymentArgs


@dataclass(frozen=True, kw_only=True)
class EdgeLayerArgs:
    hub_host: pulumi.Input[str]
    deployment: str
    """Its name in the hub."""
    content: pulumi.Input[Mapping[str, Any]]
    """What stands under `modulesContent`; images may be outputs."""
    target_condition: str
    priority: int
    labels: Mapping[str, str]
    after: Sequence[pulumi.Resource]
    """The base deployment: without it the hub ignores a layer."""


class EdgeLayer(pulumi.ComponentResource):
    def __init__(self, name: str, args: EdgeLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:EdgeLayer", name, None, opts)
        self.deployment = EdgeDeployment(
            name,
            EdgeDeploymentArgs(
                hub_host=args.hub_host,
                name=args.deployment,
                kind="layer",
                content=args.content,
                target_condition=args.target_condition,
                priority=args.priority,
                labels=args.labels,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})
