"""Trains a model of this clone by `python -m models.<name>.train`, and puts what it made into the store."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.layout import Clone
from contracts.artifacts import ArtifactStore
from contracts.data import DATA_FILE, file_sha256
from infra.provider.full_disk import room_for
from infra.provider.local.child import run_child
from infra.provider.local.model_venv import interpreter
from infra.provider.scratch import scratch
from pluginbase.resource import OperationContext, ProviderError


def train(ctx: OperationContext, clone: Clone, model: str, data_sha256: str, hyperparameters: Mapping[str, Any]) -> str:
    """The digest of the artifact, which is in the store when this returns."""
    if not clone.data.has(data_sha256):
        raise ProviderError(
            f"the training data of {model!r} ({data_sha256[:12]}) is not in this clone: run `edgeway data` first"
        )
    store: ArtifactStore = clone.artifacts
    with room_for(f"the training of {model!r}"), scratch("train") as folder:
        out = folder / "artifact"
        command = [
            *(str(interpreter(ctx, clone, model)), *(clone.model_command(model, "train") or ())),
            *("--data", str(data_copy(clone, model, data_sha256, folder / "data")), "--out", str(out)),
        ]
        for key, value in sorted(hyperparameters.items()):
            command += ["--set", f"{key}={word(value)}"]
        ctx.status(f"training {model}")
        run_child(ctx, command, cwd=clone.root, what=f"training of {model!r}")
        try:
            with room_for(f"the artifact of {model!r}"):
                return store.add(out)
        except OSError as error:
            raise ProviderError(f"training of {model!r} left no whole artifact: {error}") from error


def data_copy(clone: Clone, model: str, data_sha256: str, into: Path) -> Path:
    """What is trained on is what the digest says, whoever writes to the store meanwhile."""
    stored = clone.data.path(data_sha256)
    into.mkdir()
    shutil.copyfile(stored / DATA_FILE, into / DATA_FILE)
    if file_sha256(into / DATA_FILE) != data_sha256:
        where = stored.relative_to(clone.root)
        raise ProviderError(
            f"the training data of {model!r} ({data_sha256[:12]}) was changed on disk: remove {where} and run "
            "`edgeway data` again"
        )
    return into


def word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
