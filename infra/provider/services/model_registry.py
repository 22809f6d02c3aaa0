"""Model versions of an Azure ML workspace, through `azure-ai-ml`."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cloud.errors import ServiceError, is_missing
from cloud.retrying import with_retries
from contracts.card import artifact_digest
from infra.provider.scratch import scratch
from infra.provider.services.ml_client import Workspace, ml_client, quiet, require
from pluginbase.resource import OperationContext, ProviderError

MODEL_TYPE = "custom_model"


def workspace_of(model_id: str) -> tuple[Workspace, str, str]:
    """Workspace, model and version that an ARM id of a model version names."""
    parts = model_id.split("/")
    if len(parts) != 13 or parts[9].lower() != "models" or parts[11].lower() != "versions":
        raise ProviderError(f"{model_id!r} is no id of a model version")
    return Workspace(subscription_id=parts[2], resource_group=parts[4], name=parts[8]), parts[10], parts[12]


class ModelRegistry:
    """Calls for one operation on one workspace."""

    def __init__(self, ctx: OperationContext, workspace: Workspace) -> None:
        self._ctx = ctx
        self._workspace = workspace

    def get(self, model: str, version: str) -> Any | None:
        def get() -> Any:
            with quiet():
                return ml_client(self._workspace).models.get(model, version=version)

        try:
            return self._call(f"model {model}:{version}", get)
        except ServiceError as error:
            if is_missing(error):
                return None
            raise

    def register(self, model: str, version: str, path: str, tags: Mapping[str, str]) -> None:
        """Of a folder here, which is uploaded, or of an address in the workspace."""

        def register() -> None:
            from azure.ai.ml.entities import Model

            with quiet():
                entity = Model(path=path, name=model, version=version, type=MODEL_TYPE, tags=dict(tags))
                ml_client(self._workspace).models.create_or_update(entity)

        self._call(f"model {model}:{version}", register)

    def download(self, model: str, version: str, digest: str, into: Path) -> Path:
        """The artifact's folder below `into`, checked against its digest."""

        def download() -> None:
            shutil.rmtree(into, ignore_errors=True)
            with quiet():
                ml_client(self._workspace).models.download(model, version=version, download_path=str(into))

        require(self._ctx, self._workspace)
        self._call(f"download of the model {model}:{version}", download)
        for card in into.rglob("card.json"):
            if artifact_digest(card.parent) == digest:
                return card.parent
        raise ProviderError(f"the model {model}:{version} of {self._workspace.name} is not the artifact {digest}")

    def _call(self, what: str, action: Any) -> Any:
        return with_retries(self._ctx, f"{what} in {self._workspace.name}", action)


@contextlib.contextmanager
def download_folder() -> Iterator[Path]:
    with scratch("model") as folder:
        yield folder / "model"
