"""`mledge:ml:TrainingRun`: trains a model here, and checks what it learned.

What was trained once with the same inputs is looked up (`.artifacts/runs/<inputsDigest>`), so going back trains
nothing. No path enters the state: an artifact is known by its digest, and who lacks it fetches it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.layout import Clone
from contracts.card import CARD_FILE, load_card, version_of
from infra.provider.inputs import Checks, with_defaults
from infra.provider.thresholds import check_thresholds
from infra.provider.training import train
from pluginbase.resource import Failure, OperationContext, Properties, ProviderError, Resource
from pluginbase.values import has_unknown

_HEX = r"[0-9a-f]{64}"


class TrainingRun(Resource):
    token = "mledge:ml:TrainingRun"  # noqa: S105 - a resource type
    replace_on = frozenset({"model", "inputsDigest", "data", "hyperparameters"})
    stable_outputs = ("digest", "version", "metrics", "card")

    def __init__(self, clone: Clone | None = None) -> None:
        self._clone = clone or Clone()

    def check(self, ctx: OperationContext, olds: Properties, news: Properties) -> tuple[Properties, list[Failure]]:
        news = with_defaults(news, hyperparameters={}, thresholds={})
        checks = Checks(news)
        checks.only(("model", "inputsDigest", "data", "hyperparameters", "thresholds"))
        checks.text("model", r"[a-z][a-z0-9_]{1,31}", "2 to 32 of a-z, 0-9 and _ are allowed, a letter first")
        checks.text("inputsDigest", _HEX, "64 digits of 0-9a-f are wanted")
        data = checks.mapping("data")
        sha256 = data.get("sha256", "")
        if data and not has_unknown(sha256) and not re.fullmatch(_HEX, str(sha256)):
            checks.fail("data.sha256", f"{sha256!r} is refused; 64 digits of 0-9a-f are wanted")
        for metric, value in checks.mapping("thresholds").items():
            if not has_unknown(value) and (isinstance(value, bool) or not isinstance(value, int | float)):
                checks.fail(f"thresholds.{metric}", f"{value!r} is refused; a number is wanted")
        model = news.get("model")
        if isinstance(model, str) and not checks.failures:
            folder = self._clone.root / "models" / model
            if not (folder / "train.py").is_file():
                checks.fail("model", f"{model!r}: models/{model}/train.py is missing; there are {self._models()}")
        return news, checks.failures

    def preview_outputs(self, ctx: OperationContext, inputs: Properties) -> Properties:
        """A run that was made here before is known before `up`: so is everything that is built from it."""
        digest = None if has_unknown(inputs) else self._clone.artifacts.run(inputs["inputsDigest"])
        if digest is None:
            return dict(inputs)
        outputs = self._outputs(inputs, digest)
        self._check(ctx, inputs, outputs)
        return outputs

    def preview_update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        if not has_unknown(news["thresholds"]):
            self._check(ctx, news, state)
        return {**news, **{name: state[name] for name in self.stable_outputs if name in state}}

    def create(self, ctx: OperationContext, inputs: Properties) -> tuple[str, Properties]:
        store = self._clone.artifacts
        digest = store.run(inputs["inputsDigest"])
        if digest is None:
            data = inputs["data"]["sha256"]
            digest = train(ctx, self._clone, inputs["model"], data, inputs["hyperparameters"])
            store.record_run(inputs["inputsDigest"], digest)
        else:
            ctx.log(f"{inputs['model']} was trained with these inputs before: artifact {version_of(digest)}")
        outputs = self._outputs(inputs, digest)
        self._check(ctx, inputs, outputs)
        return f"{inputs['model']}-{inputs['inputsDigest'][:12]}", outputs

    def update(
        self, ctx: OperationContext, id: str, olds: Properties, news: Properties, state: Properties
    ) -> Properties:
        """Only thresholds change in place: the metrics are checked again, nothing is trained."""
        self._check(ctx, news, state)
        return {**state, **news}

    def delete(self, ctx: OperationContext, id: str, inputs: Properties, state: Properties) -> None:
        """The artifact stays in the store, for the way back."""

    def _outputs(self, inputs: Properties, digest: str) -> Properties:
        folder = self._clone.artifacts.path(digest)
        if folder is None:
            raise ProviderError(f"the artifact {digest} vanished from the store while it was being used")
        card = load_card(folder)
        if card.name != inputs["model"]:
            raise ProviderError(f"the artifact {version_of(digest)} is of {card.name!r}, not of {inputs['model']!r}")
        document: dict[str, Any] = json.loads((folder / CARD_FILE).read_bytes())
        return {
            **inputs,
            "digest": digest,
            "version": version_of(digest),
            "metrics": dict(card.metrics),
            "card": document,
        }

    def _check(self, ctx: OperationContext, inputs: Properties, outputs: Mapping[str, Any]) -> None:
        check_thresholds(inputs["model"], outputs["metrics"], inputs["thresholds"], self._stack_file(ctx))

    def _stack_file(self, ctx: OperationContext) -> Path | None:
        parts = ctx.urn.split(":")  # urn:pulumi:<stack>::<project>::<type>::<name>
        return self._clone.root / f"Pulumi.{parts[2]}.yaml" if len(parts) > 2 else None

    def _models(self) -> str:
        folders = sorted((self._clone.root / "models").glob("*/train.py"))
        return ", ".join(file.parent.name for file in folders) or "none"
