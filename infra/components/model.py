"""A model: trained here or on a cluster, packed into the one image that serves it everywhere, let through the gate and
registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from clone.build_context import IMAGE_TRAINING
from contracts.names import REPOSITORY_PREFIX, model_repository
from contracts.thresholds import Threshold
from infra.components.site import Site
from infra.resources.gate import Gate, GateArgs
from infra.resources.image import Image, ImageArgs
from infra.resources.registered_model import ArtifactSourceArgs, ModelCardArgs, RegisteredModel, RegisteredModelArgs
from infra.resources.training_run import (
    ThresholdArgs,
    TrainingDataArgs,
    TrainingJobArgs,
    TrainingRun,
    TrainingRunArgs,
)
from infra.settings.places import PlaceLimits
from infra.settings.tree import GateSettings


@dataclass(frozen=True, kw_only=True)
class OnCluster:
    """Where a model trains that does not train here, and what its job brings."""

    compute: pulumi.Input[str]
    ready: Sequence[pulumi.Resource]
    """What must be there before a job can run."""
    code_digest: str
    image_context_digest: str


@dataclass(frozen=True, kw_only=True)
class ModelArgs:
    site: Site
    model: str
    inputs_digest: str
    data_key: str
    data_sha256: str
    hyperparameters: Mapping[str, bool | int | float | str]
    thresholds: Mapping[str, Threshold]
    image: str
    """What serves it: one of two scoring images."""
    image_context_digest: str
    build_args: Mapping[str, str]
    limits: PlaceLimits
    gate: GateSettings
    login_server: pulumi.Input[str]
    workspace_name: pulumi.Input[str]
    workspace_ready: Sequence[pulumi.Resource]
    """What must be there before a model can be registered."""
    workspace_id: str
    """Spelt out: an image that took it from the workspace would wait for it, and needs it only where a clone lacks the
    artifact."""
    attempt: int = 1
    on: OnCluster | None = None


class Model(pulumi.ComponentResource):
    def __init__(self, name: str, args: ModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Model", name, None, opts)
        self.run = self._trained(name, args)
        learned = ArtifactSourceArgs(
            model=args.model, data_sha256=args.data_sha256, hyperparameters=args.hyperparameters
        )
        self.source = replace(learned, model_id=self._model_id(args))
        self.image = Image(
            name,
            ImageArgs(
                login_server=args.login_server,
                repository=model_repository(args.model),
                image=args.image,
                context_digest=args.image_context_digest,
                build_args=args.build_args,
                artifact_digest=self.run.digest,
                source=self.source,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.limits = args.limits
        self.gate = Gate(
            name,
            GateArgs(
                ref=self.image.ref,
                memory_mb=args.limits.memory_mb,
                timeout_ms=args.limits.timeout_ms,
                body_limit_mb=args.limits.body_limit_mb,
                batch_rows=args.limits.batch_rows,
                start_seconds=args.gate.seconds(args.limits.timeout_ms),
                network=args.gate.network,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.registered = self._registered(name, args, learned)
        self.register_outputs({"version": self.run.version, "image": self.ref})

    def _trained(self, name: str, args: ModelArgs) -> TrainingRun:
        if args.on is None:
            return TrainingRun(name, _training(args), pulumi.ResourceOptions(parent=self))
        image = Image(
            f"{name}-training",
            ImageArgs(
                login_server=args.login_server,
                repository=f"{REPOSITORY_PREFIX}/{IMAGE_TRAINING}/{args.model}",
                image=IMAGE_TRAINING,
                context_digest=args.on.image_context_digest,
                build_args=args.build_args,
                model=args.model,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        job = TrainingJobArgs(
            subscription_id=args.site.subscription_id,
            resource_group_name=args.site.resource_group_name,
            workspace_name=args.workspace_name,
            compute=args.on.compute,
            image=image.ref,
            code_digest=args.on.code_digest,
        )
        options = pulumi.ResourceOptions(parent=self, depends_on=[*args.workspace_ready, *args.on.ready])
        return TrainingRun(name, replace(_training(args), job=job), options)

    @property
    def ref(self) -> pulumi.Output[str]:
        """The image, for whatever serves it: known once it has passed the gate."""
        return self.gate.ref

    def _registered(self, name: str, args: ModelArgs, learned: ArtifactSourceArgs) -> RegisteredModel:
        return RegisteredModel(
            name,
            RegisteredModelArgs(
                subscription_id=args.site.subscription_id,
                resource_group_name=args.site.resource_group_name,
                workspace_name=args.workspace_name,
                name=args.model,
                digest=self.run.digest,
                card=ModelCardArgs(metrics=self.run.metrics, data_sha256=args.data_sha256),
                source=learned,
                lineage=None if args.on is None else self.run.lineage,
            ),
            # the gate gives it nothing: a model that cannot be served is not registered either
            pulumi.ResourceOptions(parent=self, depends_on=[*args.workspace_ready, self.gate]),
        )

    def _model_id(self, args: ModelArgs) -> pulumi.Output[str]:
        return pulumi.Output.concat(f"{args.workspace_id}/models/{args.model}/versions/", self.run.version)


def _training(args: ModelArgs) -> TrainingRunArgs:
    return TrainingRunArgs(
        model=args.model,
        inputs_digest=args.inputs_digest,
        data=TrainingDataArgs(key=args.data_key, sha256=args.data_sha256),
        hyperparameters=args.hyperparameters,
        attempt=args.attempt if args.attempt > 1 else None,
        thresholds={
            metric: ThresholdArgs(min=allowed.min, max=allowed.max) for metric, allowed in args.thresholds.items()
        },
    )
