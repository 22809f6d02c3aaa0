"""The files of a registered model, out of the workspace's datastore, as the endpoint's identity may read them.

https://learn.microsoft.com/azure/machine-learning/concept-endpoints-online-auth#control-plane-permissions-for-the-endpoint-identity
"""

from __future__ import annotations

import re

from standin.blob import Accounts, Blobs
from standin.core.arm import Arm
from standin.core.auth import Roles
from standin.core.errors import ServiceError
from standin.machinelearning.online.errors import BadArgument

_URI = re.compile(r"azureml:.*?datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")
READERS = ("Storage Blob Data Reader", "Storage Blob Data Contributor", "Storage Blob Data Owner")


class Artifacts:
    def __init__(self, arm: Arm, blobs: Blobs, roles: Roles) -> None:
        self._arm = arm
        self._blobs = blobs
        self._roles = roles

    async def of(self, model: str, principal: str) -> dict[str, bytes]:
        """Contents by names below the folder that the model is mounted as. Raises BadArgument, in Azure's words."""
        try:
            account, container, path = self._place(model)
            self._check_reader(account, principal)
            found = [blob for blob in self._blobs.list(account, container, path) if _is_below(blob.name, path)]
            if not found:
                raise BadArgument(f"Unable to download user model '{model}'.", "unable-to-download-user-model")
            above = len(path) - len(path.rpartition("/")[2])
            return {
                blob.name[above:]: b"".join([piece async for piece in self._blobs.read(blob, 0, blob.size)])
                for blob in found
            }
        except BadArgument:
            raise
        except ServiceError as problem:
            raise BadArgument(f"Unable to download user model '{model}'.", "unable-to-download-user-model") from problem

    def _place(self, model: str) -> tuple[str, str, str]:
        """Account, container and the path in it."""
        version = self._arm.require(model)
        matched = _URI.fullmatch(str(version.properties.get("modelUri")))
        if matched is None:
            raise BadArgument(f"Unable to download user model '{model}'.", "unable-to-download-user-model")
        workspace = "/".join(model.split("/")[:9])
        store = self._arm.require(f"{workspace}/datastores/{matched['store']}").properties
        return str(store["accountName"]), str(store["containerName"]), matched["path"].strip("/")

    def _check_reader(self, account: str, principal: str) -> None:
        resource = Accounts(self._arm).named(account)
        if resource is None or not self._roles.allows(principal, resource.id, READERS):
            raise BadArgument(
                "Startup task failed due to authorization error. The endpoint's identity needs Storage Blob Data "
                f"Reader on the storage account '{account}'.",
                "authorization-error",
            )


def _is_below(name: str, path: str) -> bool:
    return name == path or name.startswith(path + "/")
