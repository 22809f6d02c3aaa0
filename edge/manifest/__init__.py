"""Deployment manifests of IoT Edge as pure functions: build, check, merge.

    content = layer_content(
        modules={"scorer": Module(image="cr.example/edgeway/anomaly@sha256:...")},
        routes={"upstream": Route(expression=output_to_upstream(("scorer", "amlOutput")))},
    )
    validate(content, "layer")              # [], or what IoT Hub or the device would refuse, by place and line
    merge(configurations, twin).desired     # what the device of that twin is told by all of them together

Schema 1.1 of $edgeAgent and $edgeHub; nothing here talks to anything.
"""

from __future__ import annotations

from edge.manifest.conditions.parse import ConditionSyntaxError, TargetCondition, parenthesised, parse_condition
from edge.manifest.container import Bind, Device, Logs, Mount, SetTwiceError, Tmpfs, Volume
from edge.manifest.create_options import chunked, joined
from edge.manifest.layer import OWN_IMAGE, Feed, Images, Layer, LayerContent, Misfit, Needs, Rows
from edge.manifest.merge import Plan, Winner, merge, plan
from edge.manifest.modules import (
    AGENT,
    HUB,
    Module,
    RegistryCredential,
    SystemModule,
    base_content,
    layer_content,
    module_names,
)
from edge.manifest.ports import HUB_PORTS, DeviceFile, Expose, Port, open_to_the_lan
from edge.manifest.problem import Problem, render
from edge.manifest.routes.route import Route, output_to_input, output_to_upstream, parse_route
from edge.manifest.rules.agent import MAX_MODULES
from edge.manifest.rules.twin import MAX_DESIRED_BYTES, twin_size
from edge.manifest.rules.validate import BASE_PRIORITY, FIRST_LAYER_PRIORITY, PRIORITY_STEP, priority_problem, validate
from edge.manifest.sameness import as_sent, is_same_content

__all__ = [
    "AGENT",
    "BASE_PRIORITY",
    "FIRST_LAYER_PRIORITY",
    "HUB",
    "HUB_PORTS",
    "MAX_DESIRED_BYTES",
    "MAX_MODULES",
    "OWN_IMAGE",
    "PRIORITY_STEP",
    "Bind",
    "ConditionSyntaxError",
    "Device",
    "DeviceFile",
    "Expose",
    "Feed",
    "Images",
    "Layer",
    "LayerContent",
    "Logs",
    "Misfit",
    "Module",
    "Mount",
    "Needs",
    "Plan",
    "Port",
    "Problem",
    "RegistryCredential",
    "Route",
    "Rows",
    "SetTwiceError",
    "SystemModule",
    "TargetCondition",
    "Tmpfs",
    "Volume",
    "Winner",
    "as_sent",
    "base_content",
    "chunked",
    "is_same_content",
    "joined",
    "layer_content",
    "merge",
    "module_names",
    "open_to_the_lan",
    "output_to_input",
    "output_to_upstream",
    "parenthesised",
    "parse_condition",
    "parse_route",
    "plan",
    "priority_problem",
    "render",
    "twin_size",
    "validate",
]
