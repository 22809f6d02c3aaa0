"""The models of a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from cloud.naming import Names
from infra.clone_inputs import CloneInputs, serving_image
from infra.components.compute import ComputeCluster
from infra.components.model import Model, ModelArgs, OnCluster
from infra.components.registry import Registry
from infra.components.site import Site
from infra.components.workspace import Workspace
from infra.settings.layers import PlannedLayer
from infra.settings.places import smallest
from infra.settings.tree import HERE, ModelSettings, Settings


def make_models(
    settings: Settings,
    layers: Sequence[PlannedLayer],
    inputs: CloneInputs,
    names: Names,
    site: Site,
    registry: Registry,
    workspace: Workspace,
    ready: Sequence[pulumi.Resource],
    computes: Mapping[str, ComputeCluster],
) -> dict[str, Model]:
    """By name. `ready` is what must be there before a model can be registered."""
    return {
        model.name: _model(model, layers, inputs, names, site, registry, workspace, ready, computes)
        for model in settings.models
    }


def _model(
    model: ModelSettings,
    layers: Sequence[PlannedLayer],
    inputs: CloneInputs,
    names: Names,
    site: Site,
    registry: Registry,
    workspace: Workspace,
    ready: Sequence[pulumi.Resource],
    computes: Mapping[str, ComputeCluster],
) -> Model:
    training = inputs.training[model.name]
    return Model(
        model.name,
        ModelArgs(
            site=site,
            model=model.name,
            inputs_digest=training.digest,
            data_key=training.data_key,
            data_sha256=training.data_sha256,
            hyperparameters=model.train.hyperparameters,
            thresholds=model.train.allowed_metrics(),
            image=serving_image(model),
            image_context_digest=inputs.scoring_contexts[serving_image(model)],
            build_args=inputs.build_args,
            limits=smallest(model, layers),
            gate=model.gate,
            login_server=registry.login_server,
            workspace_name=workspace.name,
            workspace_id=names.workspace_id(site.subscription_id),
            workspace_ready=ready,
            attempt=model.train.attempt,
            on=_on_cluster(model, inputs, computes),
        ),
    )


def _on_cluster(model: ModelSettings, inputs: CloneInputs, computes: Mapping[str, ComputeCluster]) -> OnCluster | None:
    if model.train.on == HERE:
        return None
    cluster, job = computes[model.train.on], inputs.jobs[model.name]
    return OnCluster(
        compute=cluster.name, ready=cluster.ready, code_digest=job.code_digest, image_context_digest=job.image_context
    )
