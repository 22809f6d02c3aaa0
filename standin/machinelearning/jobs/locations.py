"""Where URIs of data lead: datastores, data assets, blobs.

https://learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from standin.core.arm import Arm
from standin.machinelearning.jobs.errors import JobFailed

_SHORT = re.compile(r"azureml://datastores/(?P<store>[^/]+)/paths/(?P<path>.*)", re.I)
_LONG = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?/workspaces/(?P<workspace>[^/]+)"
    r"/datastores/(?P<store>[^/]+)/paths/(?P<path>.*)",
    re.I,
)
_ASSET = re.compile(r"azureml:(?P<name>[^/:@]+):(?P<version>[^/:@]+)", re.I)
DEFAULT, ARTIFACTS = "workspaceblobstore", "workspaceartifactstore"
"""The datastores that come with a workspace."""
_BLOBS = ".blob.core.windows.net"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    account: str
    container: str
    path: str
    """Without a slash at either end."""
    by_identity: bool = True
    """Whether who reads and writes there needs a role on the account: a datastore with a key needs none."""

    def below(self, name: str) -> Location:
        return replace(self, path=f"{self.path}/{name}".lstrip("/"))


class Locations:
    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def of(self, workspace_id: str, uri: str) -> Location:
        """Raises JobFailed where it leads nowhere."""
        if uri.lower().startswith("azureml:/subscriptions/"):
            uri = uri[len("azureml:") :]
        if uri.startswith("/"):
            return self._of_asset(workspace_id, uri)
        if short := _SHORT.fullmatch(uri):
            return self.in_datastore(workspace_id, short["store"], short["path"])
        if long := _LONG.fullmatch(uri):
            workspace = (
                f"/subscriptions/{long['subscription']}/resourceGroups/{long['group']}"
                f"/providers/Microsoft.MachineLearningServices/workspaces/{long['workspace']}"
            )
            return self.in_datastore(workspace, long["store"], long["path"])
        if asset := _ASSET.fullmatch(uri):
            return self._of_asset(workspace_id, f"{workspace_id}/data/{asset['name']}/versions/{asset['version']}")
        blob = _of_blob(uri)
        own = self.in_datastore(workspace_id, DEFAULT, "")
        return replace(blob, by_identity=own.by_identity) if own.account == blob.account else blob

    def in_datastore(self, workspace_id: str, name: str, path: str) -> Location:
        store = self._arm.get(f"{workspace_id}/datastores/{name}")
        if store is None:
            raise JobFailed(f"The datastore '{name}' was not found.")
        said = store.properties
        return Location(
            account=said["accountName"],
            container=said["containerName"],
            path=unquote(path).strip("/"),
            by_identity=said["credentials"]["credentialsType"] == "None",
        )

    def _of_asset(self, workspace_id: str, asset_id: str) -> Location:
        asset = self._arm.get(asset_id)
        uri = asset.properties.get("dataUri") if asset else None
        if not isinstance(uri, str) or uri.startswith("/"):
            raise JobFailed(f"The data asset '{asset_id}' was not found.")
        return self.of(workspace_id, uri)


def _of_blob(uri: str) -> Location:
    parts = urlsplit(uri)
    host = (parts.hostname or "").lower()
    container, _, path = unquote(parts.path).strip("/").partition("/")
    if parts.scheme != "https" or not host.endswith(_BLOBS) or not container:
        raise JobFailed(
            f"{uri!r} is no place of data: it must be an azureml: path, a data asset or a blob's https address."
        )
    return Location(account=host.removesuffix(_BLOBS), container=container, path=path)
