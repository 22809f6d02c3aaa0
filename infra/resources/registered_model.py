"""`mledge:ml:RegisteredModel`: the artifact as a model version of an Azure ML workspace; the version is its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class ArtifactSourceArgs:
    """Where a clone that lacks an artifact gets it: the registered model, else the same training again."""

    model: pulumi.Input[str]
    data_sha256: pulumi.Input[str]
    hyperparameters: Mapping[str, pulumi.Input[object]] = field(default_factory=dict)
    model_id: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ModelCardArgs:
    """What of the artifact's card is shown in the workspace: its metrics, and which data it learned from."""

    metrics: pulumi.Input[Mapping[str, pulumi.Input[float]]]
    data_sha256: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class RegisteredModelArgs:
    subscription_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    name: pulumi.Input[str]
    digest: pulumi.Input[str]
    card: ModelCardArgs
    source: ArtifactSourceArgs
    lineage: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None
    """Of what a cluster trained: it is registered from its job's output."""


class RegisteredModel(MledgeResource):
    resource_type = "mledge:ml:RegisteredModel"
    outputs = ("version", "modelId")

    def __init__(self, name: str, args: RegisteredModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def version(self) -> pulumi.Output[str]:
        return self.output("version")

    @property
    def model_id(self) -> pulumi.Output[str]:
        return self.output("modelId")
