"""A workspace through `azure-ai-ml`, which is imported where it is used: it takes a second.

The SDK talks on stderr (marshmallow, "experimental class"), which would reach nobody; and with show_progress=False a
failed upload of a folder hangs for ever (azure-ai-ml 1.35.2, _blob_storage_helper.py), so its bar is drawn, into
nothing.
"""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloud.arm import Arm
from cloud.errors import ServiceError, is_missing
from cloud.sign_in import credential
from infra.provider.services.model_versions import API_VERSION
from pluginbase.resource import OperationContext, ProviderError

_ONE_AT_A_TIME = threading.RLock()
_IMPORTING = threading.Lock()
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


def require(ctx: OperationContext, workspace: Workspace) -> None:
    """ProviderError at once where the workspace, or the storage account that keeps its files, is gone: the SDK would
    try to reach that for minutes."""
    found = _of_arm(ctx, workspace.id, API_VERSION, f"the workspace {workspace.name}")
    storage = str((found.get("properties") or {}).get("storageAccount") or "")
    if storage:
        what = f"the storage account {storage.rpartition('/')[2]} of the workspace {workspace.name}"
        _of_arm(ctx, storage, _STORAGE_VERSION, what)


def _of_arm(ctx: OperationContext, resource_id: str, api_version: str, what: str) -> Mapping[str, Any]:
    try:
        return Arm(ctx).get(resource_id, api_version).body or {}
    except ServiceError as error:
        if is_missing(error):
            raise ProviderError(f"{what} is gone: `pulumi up --refresh` makes it again") from error
        return {}  # who may not look at it may yet be let in


def ml_client(workspace: Workspace) -> Any:
    with _IMPORTING:  # two models at once: see load_sdks
        from azure.ai.ml import MLClient

    return MLClient(
        credential(), workspace.subscription_id, workspace.resource_group, workspace.name, enable_telemetry=False
    )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
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
