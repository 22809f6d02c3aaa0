"""Where a consumer gets an artifact of which the state holds only the digest.

First from this clone's store; else from the registered model; else, where the learner gives the same bytes on every
machine, by training again. A digest that differs is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.layout import Clone
from contracts.card import version_of
from infra.provider.model_venv import bit_stable
from infra.provider.training import train
from infra.provider.workspace import Models, download_folder, workspace_of
from pluginbase.resource import OperationContext, ProviderError

SOURCE_KEYS = ("modelId", "model", "dataSha256", "hyperparameters")


def find_artifact(ctx: OperationContext, clone: Clone, digest: str, source: Mapping[str, Any]) -> Path:
    """`source` says where else to look: `modelId` of a registered version, and what was trained with what."""
    folder = clone.artifacts.path(digest)
    if folder is not None:
        return folder
    tried = ["it is not in .artifacts of this clone"]
    if source.get("modelId"):
        reason = _fetch(ctx, clone, digest, str(source["modelId"]))
        tried += [reason] if reason else []
    folder = clone.artifacts.path(digest)
    if folder is None and source.get("model"):
        tried.append(_train_again(ctx, clone, digest, source))
        folder = clone.artifacts.path(digest)
    if folder is None:
        raise ProviderError(
            f"the artifact {version_of(digest)} ({digest}) cannot be had: {'; '.join(tried)}. Copy .artifacts/{digest} "
            "from the clone that trained it, or train anew with `pulumi up --replace <urn of the TrainingRun>`"
        )
    return folder


def _fetch(ctx: OperationContext, clone: Clone, digest: str, model_id: str) -> str | None:
    workspace, model, version = workspace_of(model_id)
    models = Models(ctx, workspace)
    if models.get(model, version) is None:
        return f"the workspace {workspace.name} has no model {model}:{version}"
    ctx.status(f"fetching {model}:{version} from {workspace.name}")
    with download_folder() as folder:
        clone.artifacts.add(models.download(model, version, digest, folder))
    ctx.log(f"the artifact {version_of(digest)} was fetched from {workspace.name}")
    return None


def _train_again(ctx: OperationContext, clone: Clone, digest: str, source: Mapping[str, Any]) -> str:
    model = str(source["model"])
    if not bit_stable(clone, model):
        return f"training {model!r} again would not give the same bytes (its framework differs between machines)"
    if not clone.data.has(str(source.get("dataSha256"))):
        return f"its training data {source.get('dataSha256')} is not in this clone (run `edgeway data`)"
    got = train(ctx, clone, model, str(source["dataSha256"]), source.get("hyperparameters") or {})
    return f"training {model!r} again gave {got}" if got != digest else ""
