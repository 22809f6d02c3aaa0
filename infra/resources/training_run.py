"""`mledge:ml:TrainingRun`: one training of a model; the artifact it leaves is known by its digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from infra.resources.resource import MledgeResource


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
class TrainingRunArgs:
    model: pulumi.Input[str]
    inputs_digest: pulumi.Input[str]
    data: TrainingDataArgs
    hyperparameters: Mapping[str, pulumi.Input[object]] = field(default_factory=dict)
    thresholds: Mapping[str, ThresholdArgs] = field(default_factory=dict)


class TrainingRun(MledgeResource):
    resource_type = "mledge:ml:TrainingRun"
    outputs = ("digest", "version", "metrics", "card")

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
