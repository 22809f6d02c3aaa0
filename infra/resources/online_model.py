"""`mledge:ml:OnlineModel`: the deployments and the traffic of a managed online endpoint, changed over without a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from infra.resources.registered_model import ArtifactSourceArgs
from infra.resources.resource import MledgeResource


@dataclass(frozen=True, kw_only=True)
class OnlineModelArgs:
    endpoint_id: pulumi.Input[str]
    location: str
    environment_id: pulumi.Input[str]
    model_id: pulumi.Input[str]
    instance_type: str
    instances: int
    environment_variables: Mapping[str, str]
    request_timeout_seconds: int
    concurrent_requests: int
    traffic: Sequence[int]
    hold_seconds: int
    probes: int
    digest: pulumi.Input[str]
    source: ArtifactSourceArgs | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class OnlineModel(MledgeResource):
    resource_type = "mledge:ml:OnlineModel"
    outputs = ("deployment", "shares", "scoringUri")

    def __init__(self, name: str, args: OnlineModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def deployment(self) -> pulumi.Output[str]:
        return self.output("deployment")

    @property
    def shares(self) -> pulumi.Output[Mapping[str, int]]:
        return self.output("shares")

    @property
    def scoring_uri(self) -> pulumi.Output[str]:
        return self.output("scoringUri")
