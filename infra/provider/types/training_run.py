"""`mledge:ml:TrainingRun`: trains a model here or on a cluster, and checks what it learned.

What was trained once with the same inputs is looked up (`.artifacts/runs/<inputsDigest>`), so going back trains
nothing, wherever it trained. No path enters the state: an artifact is known by its digest, and who lacks it fetches it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from msgspec import field

from clone.layout import Clone
from contracts.card import CARD_FILE, load_card, version_of
from contracts.names import MODEL_NAME, MODEL_NAME_ALLOWED
from contracts.thresholds import Threshold
from infra.provider.azureml.lineage import recalled
from infra.provider.azureml.run import train_on_cluster
from infra.provider.azureml.training import ClusterTraining, JobInputs
from infra.provider.inputs import Inputs, Sha256, text
from infra.provider.local.recover_artifact import set_aside
from infra.provider.local.thresholds import check_thresholds
from infra.provider.local.training import train
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource
from pluginbase.values import UNKNOWN, has_unknown


class TrainingData(Inputs, frozen=True):
    sha256: Sha256
    key: str = ""
    """Of the specification that gave the data; for the reader of a diff."""


class ThresholdInputs(Inputs, frozen=True):
    min: float | None = None
    max: float | None = None


class TrainingRunInputs(Inputs, frozen=True):
    model: Annotated[str, text(MODEL_NAME, f"allowed: {MODEL_NAME_ALLOWED}")]
    inputs_digest: Sha256
    data: TrainingData
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    thresholds: dict[str, ThresholdInputs] = field(default_factory=dict)
    job: JobInputs | None = None
    """On a cluster; without it it trains here."""
    attempt: int | None = None
    """For the reader of a diff: another attempt is of another inputsDigest."""


class TrainingRun(Resource):
    token = "mledge:ml:TrainingRun"  # noqa: S105 - a resource type
    replace_on = frozenset({"model", "inputsDigest", "data", "hyperparameters"})
    stable_outputs = ("digest", "version", "metrics", "card", "lineage")

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        inputs, failures = TrainingRunInputs.check(news)
        return inputs, failures or list(self._refused_model(inputs["model"]))

    def _refused_model(self, model: Any) -> Iterator[Failure]:
        if model is UNKNOWN or self._clone.model_command(model, "train"):
            return
        there = ", ".join(self._clone.trainable_models()) or "none"
        yield Failure("model", f"{model!r}: models/{model}/train.py or model.py is missing; there are {there}")

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        """A run that was made here before is known before `up`: so is everything that is built from it."""
        # of a job only what an `up` would need it for is not known
        given = {name: value for name, value in inputs.items() if name != "job"}
        digest = None if has_unknown(given) else self._clone.artifacts.run(inputs["inputsDigest"])
        if digest is None or self._clone.artifact(digest) is None:
            return dict(inputs)
        learned = self._learned(TrainingRunInputs.of(given), digest)
        self._check(ctx, inputs, learned)
        return {**inputs, **learned}

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        if not has_unknown(news["thresholds"]):
            self._check(ctx, news, state)
        return self._kept(news, state)

    def _kept(self, news: Properties, state: Properties) -> Properties:
        """Of what was trained here a cluster knows no lineage: it is said that there is none, so that it is known."""
        none: Properties = {"lineage": {}} if news.get("job") else {}
        return {**news, **none, **{name: state[name] for name in self.stable_outputs if name in state}}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        given, store = TrainingRunInputs.of(inputs), self._clone.artifacts
        digest = store.run(given.inputs_digest)
        if digest is None or set_aside(ctx, self._clone, digest):
            digest = self._train(ctx, given)
            store.record_run(given.inputs_digest, digest)
        else:
            ctx.log(f"{given.model} was trained with these inputs before: artifact {version_of(digest)}")
        learned = self._learned(given, digest)
        self._check(ctx, inputs, learned)
        return f"{given.model}-{given.inputs_digest[:12]}", {**inputs, **learned}

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """Thresholds and where it trains change in place: the metrics are checked again, nothing is trained."""
        self._check(ctx, news, state)
        return self._kept(news, state)

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """The artifact stays in the store, for the way back."""

    def _train(self, ctx: OperationContext, given: TrainingRunInputs) -> str:
        if given.job is None:
            return train(ctx, self._clone, given.model, given.data.sha256, given.hyperparameters)
        training = ClusterTraining(
            model=given.model,
            inputs_digest=given.inputs_digest,
            data_sha256=given.data.sha256,
            hyperparameters=given.hyperparameters,
            job=given.job,
            stack=_stack(ctx),
        )
        return train_on_cluster(ctx, self._clone, training)

    def _learned(self, inputs: TrainingRunInputs, digest: str) -> Properties:
        folder = self._clone.artifact(digest)
        if folder is None:
            raise ProviderError(f"the artifact {digest} vanished or changed in the store while it was being used")
        card = load_card(folder)
        if card.name != inputs.model:
            raise ProviderError(f"the artifact {version_of(digest)} is of {card.name!r}, not of {inputs.model!r}")
        document: dict[str, Any] = json.loads((folder / CARD_FILE).read_bytes())
        lineage = recalled(self._clone, inputs.inputs_digest, digest)
        return {
            **({"lineage": lineage} if lineage or inputs.job else {}),
            "digest": digest,
            "version": version_of(digest),
            "metrics": dict(card.metrics),
            "card": document,
        }

    def _check(self, ctx: OperationContext, inputs: Properties, learned: Mapping[str, Any]) -> None:
        thresholds = {metric: Threshold(**ends) for metric, ends in inputs["thresholds"].items()}
        check_thresholds(inputs["model"], learned["metrics"], thresholds, self._stack_file(ctx))

    def _stack_file(self, ctx: OperationContext) -> Path | None:
        stack = _stack(ctx)
        return self._clone.root / f"Pulumi.{stack}.yaml" if stack else None


def _stack(ctx: OperationContext) -> str:
    parts = ctx.urn.split(":")  # urn:pulumi:<stack>::<project>::<type>::<name>
    return parts[2] if len(parts) > 2 else ""
