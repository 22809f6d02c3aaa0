"""Model versions of an Azure ML workspace, through `azure-ai-ml`.

The SDK talks on stderr (marshmallow, "experimental class"), which would reach nobody; and with show_progress=False a
failed upload of a folder hangs for ever (azure-ai-ml 1.35.2, _blob_storage_helper.py), so its bar is drawn, into
nothing.
"""

from __future__ import annotations

import contextlib
import io
import logging
import shutil
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud.arm import Arm
from cloud.errors import ServiceError, is_missing
from cloud.retrying import with_retries
from cloud.sign_in import credential
from contracts.card import artifact_digest
from infra.provider.scratch import scratch
from infra.provider.services.model_versions import API_VERSION
from pluginbase.resource import OperationContext, ProviderError

_ONE_AT_A_TIME = threading.RLock()
MODEL_TYPE = "custom_model"
_STORAGE_VERSION = "2023-05-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    subscription_id: str
    resource_group: str
    name: str

    @property
    def id(self) -> str:
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"
        )

    def model_id(self, model: str, version: str) -> str:
        return f"{self.id}/models/{model}/versions/{version}"


def workspace_of(model_id: str) -> tuple[Workspace, str, str]:
    """Workspace, model and version that an ARM id of a model version names."""
    parts = model_id.split("/")
    if len(parts) != 13 or parts[9].lower() != "models" or parts[11].lower() != "versions":
        raise ProviderError(f"{model_id!r} is no id of a model version")
    return Workspace(subscription_id=parts[2], resource_group=parts[4], name=parts[8]), parts[10], parts[12]


_IMPORTING = threading.Lock()


class ModelRegistry:
    """Calls for one operation on one workspace."""

    def __init__(self, ctx: OperationContext, workspace: Workspace) -> None:
        self._ctx = ctx
        self._workspace = workspace

    def require(self) -> None:
        """ProviderError at once where the workspace, or the storage account that keeps its files, is gone: the SDK
        would try to reach that for minutes."""
        workspace = self._of_arm(self._workspace.id, API_VERSION, f"the workspace {self._workspace.name}")
        storage = str((workspace.get("properties") or {}).get("storageAccount") or "")
        if storage:
            what = f"the storage account {storage.rpartition('/')[2]} of the workspace {self._workspace.name}"
            self._of_arm(storage, _STORAGE_VERSION, what)

    def _of_arm(self, resource_id: str, api_version: str, what: str) -> Mapping[str, Any]:
        try:
            return Arm(self._ctx).get(resource_id, api_version).body or {}
        except ServiceError as error:
            if is_missing(error):
                raise ProviderError(f"{what} is gone: `pulumi up --refresh` makes it again") from error
            return {}  # who may not look at it may yet be let in

    def get(self, model: str, version: str) -> Any | None:
        def get() -> Any:
            with _quiet():
                return _client(self._workspace).models.get(model, version=version)

        try:
            return self._call(f"model {model}:{version}", get)
        except ServiceError as error:
            if is_missing(error):
                return None
            raise

    def register(self, model: str, version: str, folder: Path, tags: Mapping[str, str]) -> None:
        def register() -> None:
            from azure.ai.ml.entities import Model

            with _quiet():
                entity = Model(path=str(folder), name=model, version=version, type=MODEL_TYPE, tags=dict(tags))
                _client(self._workspace).models.create_or_update(entity)

        self._call(f"model {model}:{version}", register)

    def download(self, model: str, version: str, digest: str, into: Path) -> Path:
        """The artifact's folder below `into`, checked against its digest."""

        def download() -> None:
            shutil.rmtree(into, ignore_errors=True)
            with _quiet():
                _client(self._workspace).models.download(model, version=version, download_path=str(into))

        self.require()
        self._call(f"download of the model {model}:{version}", download)
        for card in into.rglob("card.json"):
            if artifact_digest(card.parent) == digest:
                return card.parent
        raise ProviderError(f"the model {model}:{version} of {self._workspace.name} is not the artifact {digest}")

    def _call(self, what: str, action: Any) -> Any:
        return with_retries(self._ctx, f"{what} in {self._workspace.name}", action)


def _client(workspace: Workspace) -> Any:
    with _IMPORTING:  # two models at once: see load_sdks
        from azure.ai.ml import MLClient

    return MLClient(
        credential(), workspace.subscription_id, workspace.resource_group, workspace.name, enable_telemetry=False
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """One operation at a time: streams and warning filters belong to the process. Errors are exceptions in any case."""
    logging.getLogger("azure").setLevel(logging.ERROR)
    with (
        _ONE_AT_A_TIME,
        warnings.catch_warnings(),
        contextlib.redirect_stderr(io.StringIO()),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def download_folder() -> Iterator[Path]:
    with scratch("model") as folder:
        yield folder / "model"
