"""A model on devices: a layer over the base deployment with the scorer, the sensor that feeds it, and their routes.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring#layered-deployment
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from contracts.telemetry import INPUT_SCORER, MODULE_SCORER, MODULE_SENSOR, OUTPUT_SCORER, OUTPUT_SENSOR
from edge.manifest import Module, Route, layer_content, output_to_input, output_to_upstream, parenthesised
from infra.resources.edge_deployment import EdgeDeployment, EdgeDeploymentArgs

_LOGS: Mapping[str, Any] = {"LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}}
_CONFINED: Mapping[str, Any] = {
    **_LOGS,
    "ReadonlyRootfs": True,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges"],
}


@dataclass(frozen=True, kw_only=True)
class EdgeLayerArgs:
    hub_host: pulumi.Input[str]
    environment: str
    model: str
    priority: int
    target_condition: str
    scorer_image: pulumi.Input[str]
    sensor_image: pulumi.Input[str]
    sensor_is_ours: bool
    sensor_interval_seconds: float
    after: Sequence[pulumi.Resource]
    """The base deployment: without it the hub ignores a layer."""


class EdgeLayer(pulumi.ComponentResource):
    def __init__(self, name: str, args: EdgeLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:EdgeLayer", name, None, opts)
        environment = f"tags.environment = '{args.environment}'"
        self.deployment = EdgeDeployment(
            name,
            EdgeDeploymentArgs(
                hub_host=args.hub_host,
                name=f"{args.environment}-{args.model.replace('_', '-')}",
                kind="layer",
                content=layer_content(modules=_modules(args), routes=_routes()),
                target_condition=parenthesised(f"{environment} and {_grouped(args.target_condition)}"),
                priority=args.priority,
                labels={"environment": args.environment, "model": args.model},
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.register_outputs({})


def _grouped(condition: str) -> str:
    """`*` is a condition only by itself."""
    return "deviceId != ''" if condition.strip() == "*" else parenthesised(condition)


def _modules(args: EdgeLayerArgs) -> dict[str, Module]:
    # a published sensor may want to write to its root file system; ours does not
    confined = _CONFINED if args.sensor_is_ours else _LOGS
    return {
        MODULE_SCORER: Module(image=args.scorer_image, create_options={"HostConfig": _CONFINED}, startup_order=1),
        MODULE_SENSOR: Module(
            image=args.sensor_image,
            create_options={"HostConfig": confined},
            env={"MessageDelay": time_span(args.sensor_interval_seconds), "MessageCount": "-1"},
            startup_order=2,
        ),
    }


def _routes() -> dict[str, Route]:
    scored = output_to_input((MODULE_SENSOR, OUTPUT_SENSOR), (MODULE_SCORER, INPUT_SCORER))
    upstream = output_to_upstream((MODULE_SCORER, OUTPUT_SCORER))
    return {"sensorToScorer": Route(expression=scored), "scorerToUpstream": Route(expression=upstream)}


def time_span(seconds: float) -> str:
    """.NET's TimeSpan text, which the sensor's MessageDelay is: `00:00:00.1000000`."""
    ticks = round(seconds * 10_000_000)
    whole, fraction = divmod(ticks, 10_000_000)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours:02d}:{minutes:02d}:{rest:02d}"
    return f"{text}.{fraction:07d}" if fraction else text
