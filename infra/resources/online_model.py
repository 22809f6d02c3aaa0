"""`mledge:ml:OnlineModel`: the deployments and the traffic of an online endpoint, changed over without a gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from infra.resources import MledgeResource
from infra.resources.registered_model import ArtifactSourceArgs


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
    cpu: float | None = None
    """Of a replica in Kubernetes, as the next three; None on machines of Azure ML's own."""
    memory_mb: int | None = None
    cluster_id: pulumi.Input[str] | None = None
    ca_pem: pulumi.Input[str] | None = None


class OnlineModel(MledgeResource):
    resource_type = "mledge:ml:OnlineModel"
    outputs = ("deployment", "shares", "scoringUri", "address")

    def __init__(self, name: str, args: OnlineModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def deployment(self) -> pulumi.Output[str]:
        return self.output("deployment")

    @property
    def shares(self) -> pulumi.Output[Mapping[str, int]]:
        return self.output("shares")

    @property
    def address(self) -> pulumi.Output[str]:
        """Where the name of the scoring URI is; empty where its name is enough."""
        return self.output("address")

    @property
    def scoring_uri(self) -> pulumi.Output[str]:
        return self.output("scoringUri")
