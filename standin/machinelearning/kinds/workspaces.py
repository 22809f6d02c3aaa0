"""The workspace. https://learn.microsoft.com/rest/api/azureml/workspaces

Its storage containers and the two datastores that azure-ai-ml uploads to are made with it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.blob import Blobs
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.lists import flag
from standin.core.auth import TENANT_ID, Roles
from standin.core.clock import Clock
from standin.core.errors import ServiceError
from standin.core.obeys import Obeys, obeys
from standin.machinelearning.errors import (
    CODES,
    InvalidWorkspace,
    MissingPermission,
    SoftDeletedWorkspace,
    WorkspacePropertyFixed,
)
from standin.machinelearning.kinds.datastores import system_datastores

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}")
_REQUIRED = {
    "storageAccount": "Microsoft.Storage/storageAccounts",
    "keyVault": "Microsoft.KeyVault/vaults",
    "applicationInsights": "Microsoft.Insights/components",
}
_LINKS = {**_REQUIRED, "containerRegistry": "Microsoft.ContainerRegistry/registries"}


class Workspace(ResourceKind):
    type = "Microsoft.MachineLearningServices/workspaces"
    soft_delete = True
    operation = "location"
    delete_operation = "location"
    created_status = 200
    create_only = (
        "kind",
        "properties.hbiWorkspace",
        "properties.enableDataIsolation",
        "properties.keyVault",
        "properties.storageAccount",
    )
    keeps = (
        "kind",
        "sku",
        "identity",
        *(
            f"properties.{name}"
            for name in (
                "applicationInsights", "containerRegistry", "description", "enableDataIsolation", "friendlyName",
                "hbiWorkspace", "keyVault", "primaryUserAssignedIdentity", "publicNetworkAccess", "storageAccount",
                "systemDatastoresAuthMode",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "kind": ("Default",),
        "properties.v1LegacyMode": (False,),
        "properties.allowPublicAccessWhenBehindVnet": (False,),
        "properties.encryption.status": ("Disabled",),
        "properties.managedNetwork.isolationMode": ("Disabled",),
        "properties.provisionNetworkNow": (False,),
    }
    unobeyed = CODES
    next_page = "$skip"
    options: ClassVar[Mapping[str, Obeys]] = {"LIST": obeys(query="$skip"), "DELETE": obeys(query="forceToPurge")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "properties": {"hbiWorkspace": False, "publicNetworkAccess": "Enabled", "v1LegacyMode": False},
    }

    def __init__(self, arm: Arm, blobs: Blobs, roles: Roles, clock: Clock) -> None:
        self._arm = arm
        self._blobs = blobs
        self._roles = roles
        self._clock = clock

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidWorkspace(
                f"The workspace name '{new.name}' is not valid: 3 to 33 letters, digits, '-' and '_', beginning with a "
                "letter or digit."
            )
        if not new.body.get("identity"):
            raise InvalidWorkspace("The property 'identity' is required and was not given.")
        for name, kind in _LINKS.items():
            self._check_link(new, name, kind)
        self._check_primary_identity(new)

    def _check_link(self, new: Resource, name: str, kind: str) -> None:
        link = new.properties.get(name)
        if not link:
            if name in _REQUIRED:
                raise InvalidWorkspace(f"Missing dependent resources in workspace json: {name}.")
            return
        linked = self._arm.get(str(link))
        if linked is None or linked.type.lower() != kind.lower():
            raise InvalidWorkspace(f"The resource '{link}' given as {name} is no existing {kind}.")

    def _check_primary_identity(self, new: Resource) -> None:
        """With an identity of its own the workspace does not get rights by itself: they must be there, in force."""
        primary = new.properties.get("primaryUserAssignedIdentity")
        if not primary:
            return
        assigned = {
            key.lower(): value for key, value in (new.body["identity"].get("userAssignedIdentities") or {}).items()
        }
        identity = assigned.get(primary.lower())
        if identity is None:
            raise InvalidWorkspace(
                f"primaryUserAssignedIdentity '{primary}' is not among identity.userAssignedIdentities."
            )
        for name in ("storageAccount", "keyVault"):
            scope = new.properties[name]
            if not self._roles.allows(identity["principalId"], scope, ["Contributor", "Owner"]):
                raise MissingPermission(identity["principalId"], scope)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        known = resource.private.setdefault("workspaceId", str(uuid.uuid4()))
        host = f"{resource.location}.api.azureml.ms"
        resource.properties.update(
            workspaceId=known,
            discoveryUrl=f"https://{host}/discovery",
            mlFlowTrackingUri=f"azureml://{host}/mlflow/v1.0{resource.id}",
            tenantId=TENANT_ID,
            storageHnsEnabled=False,
            allowPublicAccessWhenBehindVnet=False,
        )
        resource.properties.setdefault("friendlyName", resource.name)
        for datastore in system_datastores(resource, self._clock.now()):
            properties = datastore.properties
            self._blobs.ensure_container(properties["accountName"], properties["containerName"])
            self._arm.save(datastore)

    def purges(self, query: Mapping[str, str]) -> bool:
        return flag(query, "forceToPurge")

    def meet_deleted(self, new: Resource, deleted: Resource) -> Resource:
        raise SoftDeletedWorkspace

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return WorkspacePropertyFixed(path.rsplit(".", 1)[-1], old, new)
