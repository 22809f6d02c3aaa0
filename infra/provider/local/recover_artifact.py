"""Where a consumer gets an artifact of which the state holds only the digest.

First from this clone's store; else from the registered model; else, where the learner gives the same bytes on every
machine, by training again. A digest that differs is refused; what was changed in the store is set aside, and used by
nobody.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import field

from clone.layout import Clone
from contracts.card import artifact_digest, version_of
from infra.provider.full_disk import room_for
from infra.provider.inputs import Inputs
from infra.provider.local.model_venv import bit_stable
from infra.provider.local.training import train
from infra.provider.scratch import scratch
from infra.provider.services.model_registry import ModelRegistry, download_folder, workspace_of
from pluginbase.resource import OperationContext, ProviderError


class ArtifactSource(Inputs, frozen=True):
    """Where else to look: a registered version by its id, and what was trained with what."""

    model_id: str | None = None
    model: str | None = None
    data_sha256: str | None = None
    hyperparameters: dict[str, Any] = field(default_factory=dict)


@contextmanager
def artifact_copy(ctx: OperationContext, clone: Clone, digest: str, source: ArtifactSource) -> Iterator[Path]:
    """A folder of one's own with these bytes: what changes in the store meanwhile changes nothing here."""
    with scratch("artifact") as folder:
        recovered = recover_artifact(ctx, clone, digest, source)
        with room_for("a copy of the artifact"):
            copy = shutil.copytree(recovered, folder / "artifact", ignore=shutil.ignore_patterns("__pycache__"))
        if artifact_digest(copy) != digest:
            raise ProviderError(f"the artifact {version_of(digest)} changed while it was copied: run `up` again")
        yield copy


def recover_artifact(ctx: OperationContext, clone: Clone, digest: str, source: ArtifactSource) -> Path:
    """The artifact's folder in this clone's store; a ProviderError says where it was looked for in vain."""
    folder = clone.artifact(digest)
    if folder is not None:
        return folder
    tried = [set_aside(ctx, clone, digest) or "it is not in .artifacts of this clone"]
    if source.model_id:
        reason = _fetch(ctx, clone, digest, source.model_id)
        tried += [reason] if reason else []
    folder = clone.artifact(digest)
    if folder is None and source.model:
        tried.append(_train_again(ctx, clone, digest, source.model, source))
        folder = clone.artifact(digest)
    if folder is None:
        raise ProviderError(
            f"the artifact {version_of(digest)} ({digest}) cannot be had: {'; '.join(tried)}. Copy .artifacts/{digest} "
            "from the clone that trained it, or train anew with `pulumi up --replace <urn of the TrainingRun>`"
        )
    return folder


def set_aside(ctx: OperationContext, clone: Clone, digest: str) -> str:
    """Moves what lies under an artifact's digest and is not it; says so. Empty where nothing does."""
    changed = clone.artifacts.path(digest)
    if changed is None or clone.artifact(digest) is not None:
        return ""
    aside = Path(tempfile.mkdtemp(prefix=f".changed-{version_of(digest)}-", dir=clone.artifacts.root))
    changed.rename(aside / digest)
    where = (aside / digest).relative_to(clone.root)
    ctx.log(f"the artifact {version_of(digest)} was changed on disk: it is set aside as {where}", "warning")
    return f"its files were changed on disk (they lie in {where} now)"


def _fetch(ctx: OperationContext, clone: Clone, digest: str, model_id: str) -> str | None:
    workspace, model, version = workspace_of(model_id)
    models = ModelRegistry(ctx, workspace)
    if models.get(model, version) is None:
        return f"the workspace {workspace.name} has no model {model}:{version}"
    ctx.status(f"fetching {model}:{version} from {workspace.name}")
    with download_folder() as folder:
        clone.artifacts.add(models.download(model, version, digest, folder))
    ctx.log(f"the artifact {version_of(digest)} was fetched from {workspace.name}")
    return None


def _train_again(ctx: OperationContext, clone: Clone, digest: str, model: str, source: ArtifactSource) -> str:
    """Why that did not give it; empty where it did."""
    if not bit_stable(clone, model):
        return f"training {model!r} again would not give the same bytes (its framework differs between machines)"
    data_sha256 = source.data_sha256
    if data_sha256 is None or not clone.data.has(data_sha256):
        return f"its training data {data_sha256} is not in this clone (run `edgeway data`)"
    trained = train(ctx, clone, model, data_sha256, source.hyperparameters)
    return f"training {model!r} again gave {trained}" if trained != digest else ""
