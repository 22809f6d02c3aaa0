"""Code assets, and where their files go up. https://learn.microsoft.com/rest/api/azureml/code-versions

Each upload has a container of its own: azure-ai-ml takes what lies at its path with the mark "completed" for
uploaded, so in a shared one an edited folder would be the old one.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from standin.blob import Accounts, Blobs, Delegation
from standin.core.arm import Arm, Resource
from standin.core.errors import BadRequest, ServiceError
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import AssetPathFixed
from standin.machinelearning.kinds.assets import AssetContainer, AssetVersion, kept

UPLOAD = "TemporaryBlobReference"
_UPLOAD_LIVES = timedelta(hours=1)


class Code(AssetContainer):
    type = "Microsoft.MachineLearningServices/workspaces/codes"
    versions = "Microsoft.MachineLearningServices/workspaces/codes/versions"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip")}


class CodeVersion(AssetVersion):
    type = Code.versions
    container = Code.type
    create_only = ("properties.codeUri", "properties.isAnonymous")
    keeps = kept("codeUri")
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip $orderBy $top hash hashVersion")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {"isAnonymous": False, "isArchived": False, "tags": {}, "properties": {}}
    }

    async def check(self, new: Resource, old: Resource | None) -> None:
        await super().check(new, old)
        uri = new.properties.get("codeUri")
        if not isinstance(uri, str) or not uri.startswith("https://"):
            raise BadRequest(
                f"codeUri is {uri!r}; it must be where startPendingUpload said that the files go.", code="UserError"
            )

    def list_scope(self, scope: str, query: Mapping[str, str]) -> str:
        """A hash is looked for in all codes of the workspace: a client asks below a name that it has just made up."""
        return scope.partition("/codes/")[0] if "hash" in query else scope

    def is_asked_for(self, version: Resource, query: Mapping[str, str]) -> bool:
        said = version.properties.get("properties") or {}
        asked = {"hash_sha256": query.get("hash"), "hash_version": query.get("hashVersion")}
        return all(wanted is None or str(said.get(name)) == wanted for name, wanted in asked.items())

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return AssetPathFixed()


class Uploads:
    """Makes a place for the files of a code, and what opens it for an hour."""

    def __init__(self, arm: Arm, blobs: Blobs, delegation: Delegation) -> None:
        self._arm = arm
        self._accounts = Accounts(arm)
        self._blobs = blobs
        self._delegation = delegation

    def begin(self, workspace_id: str) -> dict[str, Any]:
        workspace = self._arm.require(workspace_id)
        account_id = str(workspace.properties.get("storageAccount"))
        account = account_id.rpartition("/")[2]
        if self._accounts.named(account) is None:
            raise BadRequest(f"The storage account '{account}' of the workspace is gone.", code="UserError")
        upload = str(uuid.uuid4())
        self._blobs.ensure_container(account, upload)
        uri = f"https://{account}.blob.core.windows.net/{upload}"
        signature = self._delegation.query(account, upload, "racwl", _UPLOAD_LIVES)
        return {
            "pendingUploadId": upload,
            "pendingUploadType": UPLOAD,
            "blobReferenceForConsumption": {
                "blobUri": uri,
                "storageAccountArmId": account_id,
                "credential": {"credentialType": "SAS", "sasUri": f"{uri}?{signature}"},
            },
        }
