"""`mledge:ml:TrainingRun`: one training of a model; the artifact it leaves is known by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class TrainingDataArgs:
    key: pulumi.Input[str]
    sha256: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ThresholdArgs:
    """The allowed values of a metric; both ends count."""

    min: pulumi.Input[float] | None = None
    max: pulumi.Input[float] | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingJobArgs:
    """The job that trains it on a cluster of a workspace."""

    subscription_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    compute: pulumi.Input[str]
    """By its name in the workspace."""
    image: pulumi.Input[str]
    """`login/repository@sha256:...` of what it runs in."""
    code_digest: pulumi.Input[str]
    """Of the code that goes with it."""


@dataclass(frozen=True, kw_only=True)
class TrainingRunArgs:
    model: pulumi.Input[str]
    inputs_digest: pulumi.Input[str]
    data: TrainingDataArgs
    hyperparameters: Mapping[str, pulumi.Input[object]] = field(default_factory=dict)
    thresholds: Mapping[str, ThresholdArgs] = field(default_factory=dict)
    job: TrainingJobArgs | None = None
    """Without one it trains here."""
    attempt: int | None = None
    """Which, where it is not the first; for the reader of a diff, as another one is of another digest."""


class TrainingRun(MledgeResource):
    resource_type = "mledge:ml:TrainingRun"
    outputs = ("digest", "version", "metrics", "card", "lineage")

    def __init__(self, name: str, args: TrainingRunArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

    @property
    def digest(self) -> pulumi.Output[str]:
        return self.output("digest")

    @property
    def version(self) -> pulumi.Output[str]:
        return self.output("version")

    @property
    def metrics(self) -> pulumi.Output[dict[str, float]]:
        return self.output("metrics")

    @property
    def card(self) -> pulumi.Output[dict[str, Any]]:
        return self.output("card")

    @property
    def lineage(self) -> pulumi.Output[dict[str, str]]:
        """Of what a cluster trained: `job`, and `commit` and `dirty` of the clone that sent it there."""
        return self.output("lineage")
