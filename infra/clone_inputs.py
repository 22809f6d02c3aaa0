"""What the clone itself contributes to a program: digests, so that no path of this machine gets further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clone import digests
from clone.build_context import IMAGE_SCORING_GPU, build_context, context_digest
from clone.rows import IMAGE_REPLAY, RowsError
from clone.training_inputs import TrainingInputs, training_inputs
from clone.training_job import TrainingJob
from contracts.names import IMAGE_SCORING
from edge.manifest import Rows
from infra.settings.layers import PlannedLayer
from infra.settings.tree import HERE, PROJECT, ModelSettings, Settings


@dataclass(frozen=True, kw_only=True)
class Replay:
    """An image of `images/replay` with its rows."""

    rows: Rows
    context: str
    """Digest of its build context: with the rows of a file, without golden examples."""


@dataclass(frozen=True, kw_only=True)
class CloneInputs:
    training: Mapping[str, TrainingInputs]
    """By model."""
    jobs: Mapping[str, TrainingJob]
    """By model, of those that train on a cluster."""
    scoring_contexts: Mapping[str, str]
    """By the image that serves: digest of its build context, without the model's artifact."""
    module_contexts: Mapping[str, str]
    """By image, of those that layers need."""
    replays: Mapping[str, Replay]
    """By the name that a layer gives the image."""
    build_args: Mapping[str, str]
    """Of every Dockerfile."""

    @classmethod
    def of(cls, root: Path, settings: Settings, layers: Sequence[PlannedLayer]) -> CloneInputs:
        images = sorted({image for layer in layers for image in layer.needs.images})
        return cls(
            training={model.name: _training_inputs(root, model) for model in settings.models},
            jobs={one.name: TrainingJob.of(root, one.name) for one in settings.models if one.train.on != HERE},
            scoring_contexts={
                image: context_digest(build_context(root, image, None))
                for image in sorted({serving_image(model) for model in settings.models})
            },
            module_contexts={image: context_digest(build_context(root, image, None)) for image in images},
            replays={name: one for layer in layers for name, one in _replays(root, layer).items()},
            build_args=settings.build_args,
        )


def serving_image(model: ModelSettings) -> str:
    return IMAGE_SCORING_GPU if model.gpu else IMAGE_SCORING


def _replays(root: Path, layer: PlannedLayer) -> dict[str, Replay]:
    try:
        return {name: _replay(root, rows) for name, rows in layer.needs.replays.items()}
    except RowsError as error:
        raise RowsError(f"{PROJECT}:layers[{layer.index}].settings of {layer.name}: {error}") from error


def _replay(root: Path, rows: Rows) -> Replay:
    return Replay(rows=rows, context=context_digest(build_context(root, IMAGE_REPLAY, None, rows=rows.file)))


def _training_inputs(root: Path, model: ModelSettings) -> TrainingInputs:
    train = model.train
    inputs = training_inputs(root, model=model.name, data_spec=train.data_spec(), hyperparameters=train.hyperparameters)
    return replace(inputs, digest=digests.of_attempt(inputs.digest, train.attempt))
