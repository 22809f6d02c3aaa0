"""The images that devices run beside the models' own: each is made once, however many layers need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from contracts.names import model_repository
from infra.clone_inputs import CloneInputs, Replay
from infra.components.devices.module_image import ModuleImage, ModuleImageArgs, module_repository, repository_of
from infra.components.devices.replay_image import ReplayImage, ReplayImageArgs
from infra.components.model import Model
from infra.components.registry import Registry
from infra.settings.layers import PlannedLayer


def module_images(
    inputs: CloneInputs, registry: Registry, models: Mapping[str, Model]
) -> dict[str, pulumi.Output[str]]:
    """`login/repository@sha256:...` by the name that layers use."""
    images = {name: _module_image(name, digest, inputs, registry) for name, digest in inputs.module_contexts.items()}
    replays = {
        name: _replay_image(name, one, inputs, registry, models[one.rows.model]) for name, one in inputs.replays.items()
    }
    return {**images, **replays}


def _module_image(name: str, digest: str, inputs: CloneInputs, registry: Registry) -> pulumi.Output[str]:
    return ModuleImage(
        name,
        ModuleImageArgs(
            image=name,
            login_server=registry.login_server,
            image_context_digest=digest,
            build_args=inputs.build_args,
        ),
    ).image.ref


def _replay_image(
    name: str, replay: Replay, inputs: CloneInputs, registry: Registry, model: Model
) -> pulumi.Output[str]:
    return ReplayImage(
        name,
        ReplayImageArgs(
            rows=replay.rows,
            login_server=registry.login_server,
            image_context_digest=replay.context,
            build_args=inputs.build_args,
            artifact_digest=model.run.digest,
            source=model.source,
        ),
    ).image.ref


def device_repositories(layers: Sequence[PlannedLayer], registry: str) -> list[str]:
    """What devices pull of the stack's own registry: what is built for layers, and what a user has copied there."""
    names = [layer.needs for layer in layers]
    models = {model_repository(model) for needs in names for model in needs.models}
    images = {module_repository(image) for needs in names for image in (*needs.images, *needs.replays)}
    published = [image for needs in names for image in needs.published.values() if image.startswith(f"{registry}.")]
    return sorted({*models, *images, *map(repository_of, published)})
