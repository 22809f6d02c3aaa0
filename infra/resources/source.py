"""Where a clone that lacks an artifact gets it: the registered model, else the same training again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, kw_only=True)
class ArtifactSourceArgs:
    model: pulumi.Input[str]
    data_sha256: pulumi.Input[str]
    hyperparameters: Mapping[str, pulumi.Input[object]] = field(default_factory=dict)
    model_id: pulumi.Input[str] | None = None
