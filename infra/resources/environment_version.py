"""`mledge:ml:EnvironmentVersion`: an image, and where it answers, as Azure ML names it for a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class EnvironmentVersionArgs:
    version_id: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    image: pulumi.Input[str]
    routes: Mapping[str, str]
    port: int


class EnvironmentVersion(MledgeResource):
    resource_type = "mledge:ml:EnvironmentVersion"
    outputs = ()

    def __init__(self, name: str, args: EnvironmentVersionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
