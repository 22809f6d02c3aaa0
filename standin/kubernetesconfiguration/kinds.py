"""Extensions as resources, on the cluster that they are of. https://learn.microsoft.com/rest/api/kubernetesconfiguration"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.fields import object_at
from standin.core.arm.identity import new_principal
from standin.core.auth import TENANT_ID
from standin.core.obeys import Obeys, obeys
from standin.kubernetesconfiguration.azureml import EXTENSION_TYPE, check_spelling
from standin.kubernetesconfiguration.errors import InvalidExtension
from standin.kubernetesconfiguration.state import EXTENSIONS, Routers

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VERSION = "1.3.9"
_NAMESPACE = "azureml"


class Extension(ResourceKind):
    type = EXTENSIONS
    tracked = False
    create_only = ("properties.extensionType", "properties.scope")
    patchable = ("properties",)
    keeps = tuple(
        f"properties.{name}"
        for name in (
            "autoUpgradeMinorVersion", "configurationProtectedSettings", "configurationSettings", "extensionType",
            "releaseTrain", "scope",
        )
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.autoUpgradeMinorVersion": (True,),
        "properties.extensionType": (EXTENSION_TYPE, EXTENSION_TYPE.lower()),
        "properties.releaseTrain": ("stable", "Stable"),
        "properties.scope.namespace": (),
        "properties.version": (),
    }
    options: ClassVar[Mapping[str, Obeys]] = {"DELETE": obeys(query="forceDelete")}
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {
            "autoUpgradeMinorVersion": True,
            "releaseTrain": "stable",
            "scope": {"cluster": {"releaseNamespace": _NAMESPACE}},
        }
    }
    delete_operation = "async"

    def __init__(self, arm: Arm, routers: Routers) -> None:
        self._arm = arm
        self._routers = routers

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidExtension(
                f"The extension name '{new.name}' is not valid: 1 to 63 small letters, digits and '-', beginning and "
                "ending with a letter or digit."
            )
        if not new.properties.get("extensionType"):
            raise InvalidExtension("extensionType is required.")
        for name in ("configurationSettings", "configurationProtectedSettings"):
            for key, value in object_at(new.body, f"properties.{name}").items():
                if not isinstance(value, str):
                    raise InvalidExtension(f"{name}['{key}'] is {type(value).__name__}: all settings are texts.")
        self._check_alone(new)
        self._routers.take(new, old)
        check_spelling(object_at(new.body, "properties.configurationSettings"), self._routers.secrets(new))

    def _check_alone(self, new: Resource) -> None:
        for other in self._arm.list(EXTENSIONS, new.parent_id):
            if other.key != new.key:
                raise InvalidExtension(f"An extension of the type {EXTENSION_TYPE} is there already: '{other.name}'.")

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        await self._routers.install(resource)
        principal = new_principal(f"{resource.key}|{resource.created_at}")
        resource.properties.update(
            aksAssignedIdentity={"type": "SystemAssigned", "principalId": principal, "tenantId": TENANT_ID},
            currentVersion=_VERSION,
            isSystemExtension=False,
            statuses=[],
        )

    async def remove(self, resource: Resource) -> None:
        await self._routers.drop(resource)
