"""The workspace. https://learn.microsoft.com/rest/api/azureml/workspaces

Its storage containers and the two datastores that azure-ai-ml uploads to are made with it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from standin.blob import Blobs
from standin.core.arm import Resource, ResourceKind
from standin.core.auth import TENANT_ID
from standin.core.errors import ServiceError
from standin.machinelearning.datastores import system_datastores
from standin.machinelearning.errors import (
    InvalidWorkspace,
    MissingPermission,
    SoftDeletedWorkspace,
    WorkspacePropertyFixed,
)

if TYPE_CHECKING:
    from standin.core.world import World

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
    defaults: ClassVar[Mapping[str, Any]] = {
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "properties": {"hbiWorkspace": False, "publicNetworkAccess": "Enabled", "v1LegacyMode": False},
    }

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def check(self, world: World, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidWorkspace(
                f"The workspace name '{new.name}' is not valid: 3 to 33 letters, digits, '-' and '_', beginning with a "
                "letter or digit."
            )
        if not new.body.get("identity"):
            raise InvalidWorkspace("The property 'identity' is required and was not given.")
        for name, kind in _LINKS.items():
            self._check_link(world, new, name, kind)
        self._check_primary_identity(world, new)

    def _check_link(self, world: World, new: Resource, name: str, kind: str) -> None:
        link = new.properties.get(name)
        if not link:
            if name in _REQUIRED:
                raise InvalidWorkspace(f"Missing dependent resources in workspace json: {name}.")
            return
        found = world.arm.get(str(link))
        if found is None or found.type.lower() != kind.lower():
            raise InvalidWorkspace(f"The resource '{link}' given as {name} is no existing {kind}.")

    def _check_primary_identity(self, world: World, new: Resource) -> None:
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
            if not world.roles.allows(identity["principalId"], scope, ["Contributor", "Owner"]):
                raise MissingPermission(identity["principalId"], scope)

    async def apply(self, world: World, resource: Resource, old: Resource | None) -> None:
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
        for datastore in system_datastores(resource, world.clock.now()):
            properties = datastore.properties
            self._blobs.ensure_container(properties["accountName"], properties["containerName"])
            world.arm.save(datastore)

    def purges(self, query: Mapping[str, str]) -> bool:
        return query.get("forceToPurge", "").lower() == "true"

    def meet_deleted(self, world: World, new: Resource, deleted: Resource) -> Resource:
        raise SoftDeletedWorkspace

    def refuse_change(self, path: str, old: object, new: object, resource: Resource) -> ServiceError:
        return WorkspacePropertyFixed(path.rsplit(".", 1)[-1], old, new)
