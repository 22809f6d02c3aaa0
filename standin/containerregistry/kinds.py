"""The ARM side of a registry: registries, scope maps and tokens.

https://learn.microsoft.com/azure/templates/microsoft.containerregistry/2025-11-01/registries
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.containerregistry import passwords
from standin.containerregistry.actions import RegistryActions
from standin.containerregistry.errors import InvalidRegistry
from standin.containerregistry.names import NAME, NAME_RULE, REGISTRIES, SCOPE_MAPS, TOKENS, login_server
from standin.containerregistry.processes import RegistryProcesses
from standin.containerregistry.scopes import ABAC_MODE, parse_actions
from standin.containerregistry.state import SYSTEM_SCOPE_MAPS, Registries
from standin.core.arm import ActionHandler, Arm, Resource, ResourceKind
from standin.core.errors import Conflict
from standin.core.obeys import Obeys, obeys

_SKUS = ("Basic", "Standard", "Premium")
_MODES = ("LegacyRegistryPermissions", ABAC_MODE)
_SCOPE_MAP_NAME = re.compile(r"[a-zA-Z0-9_-]{5,50}")
_TOKEN_NAME = re.compile(r"[a-zA-Z0-9-]{5,50}")


class RegistryKind(ResourceKind):
    type = REGISTRIES
    create_only = ("properties.zoneRedundancy",)
    keeps = ("sku", "identity", "properties.adminUserEnabled", "properties.roleAssignmentMode")
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "properties.anonymousPullEnabled": (False,),
        "properties.dataEndpointEnabled": (False,),
        "properties.publicNetworkAccess": ("Enabled",),
        "properties.networkRuleBypassOptions": ("AzureServices", "None"),
        "properties.networkRuleSet.defaultAction": ("Allow",),
        "properties.networkRuleSet.ipRules": (),
        "properties.zoneRedundancy": ("Disabled",),
        "properties.encryption.status": ("disabled",),
        "properties.policies.quarantinePolicy.status": ("disabled",),
        "properties.policies.trustPolicy.status": ("disabled",),
        "properties.policies.retentionPolicy.status": ("disabled",),
        "properties.policies.softDeletePolicy.status": ("disabled",),
        "properties.policies.exportPolicy.status": ("enabled",),
        "properties.policies.azureADAuthenticationAsArmPolicy.status": ("enabled",),
    }
    options: ClassVar[Mapping[str, Obeys]] = {
        "generateCredentials": obeys(fields="tokenId expiry name"),
        "regenerateCredential": obeys(fields="name"),
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "properties": {
            "adminUserEnabled": False,
            "anonymousPullEnabled": False,
            "dataEndpointEnabled": False,
            "networkRuleBypassOptions": "AzureServices",
            "publicNetworkAccess": "Enabled",
            "roleAssignmentMode": _MODES[0],
            "zoneRedundancy": "Disabled",
            "dataEndpointHostNames": [],
            "privateEndpointConnections": [],
            "encryption": {"status": "disabled"},
            "policies": {
                "quarantinePolicy": {"status": "disabled"},
                "trustPolicy": {"type": "Notary", "status": "disabled"},
                "retentionPolicy": {"days": 7, "status": "disabled"},
                "exportPolicy": {"status": "enabled"},
                "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
                "softDeletePolicy": {"retentionDays": 7, "status": "disabled"},
            },
        }
    }

    def __init__(
        self, arm: Arm, registries: Registries, processes: RegistryProcesses, actions: RegistryActions
    ) -> None:
        self._arm = arm
        self._registries = registries
        self._processes = processes
        self.actions: Mapping[str, ActionHandler] = actions.of_registry()

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not NAME.fullmatch(new.name):
            raise InvalidRegistry(f"Registry name '{new.name}' is invalid: {NAME_RULE}.", code="InvalidName")
        sku = new.body.get("sku")
        name = sku.get("name") if isinstance(sku, dict) else None
        if name not in _SKUS:
            raise InvalidRegistry(f"sku.name {name!r} is not one of {', '.join(_SKUS)}.", code="InvalidSku")
        mode = new.properties.get("roleAssignmentMode")
        if mode not in _MODES:
            raise InvalidRegistry(f"properties.roleAssignmentMode {mode!r} is not one of {', '.join(_MODES)}.")
        if new.properties.get("anonymousPullEnabled"):
            raise InvalidRegistry("properties.anonymousPullEnabled: the stand-in has no anonymous pull.")
        other = self._registries.of_name(new.name)
        if other is not None and other.key != new.key:
            raise Conflict(
                f"The registry DNS name {new.name.lower()}.azurecr.io is already in use.", code="AlreadyInUse"
            )
        if old is None:
            self._processes.free_port()
        if name == "Premium":
            new.properties.setdefault("networkRuleSet", {"defaultAction": "Allow", "ipRules": []})
        new.body["sku"] = {"name": name, "tier": name}
        new.properties["creationDate"] = new.created_at
        for policy in ("retentionPolicy", "softDeletePolicy"):
            changed = new.created_at.replace("Z", "+00:00")  # with an offset, unlike the date above
            new.properties["policies"][policy].setdefault("lastUpdatedTime", changed)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        if "port" not in resource.private:
            resource.private["port"] = self._processes.free_port()
            # Before the process starts: a crash in between must find the same port again.
            self._arm.save(resource)
        await self._processes.run(resource)
        resource.properties["loginServer"] = login_server(resource)

    async def remove(self, resource: Resource) -> None:
        await self._processes.remove(resource)


class ScopeMapKind(ResourceKind):
    type = SCOPE_MAPS
    tracked = False

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _SCOPE_MAP_NAME.fullmatch(new.name):
            raise InvalidRegistry(
                f"Scope map name '{new.name}' is invalid: 5 to 50 letters, digits, '-' and '_'.", code="InvalidName"
            )
        asked = new.properties.get("actions")
        if not isinstance(asked, list) or not asked or not all(isinstance(action, str) for action in asked):
            raise InvalidRegistry("properties.actions must be a list of at least one action.")
        try:
            parse_actions(asked)
        except ValueError as problem:
            raise InvalidRegistry(f"Scope map '{new.name}': {problem}.", code="InvalidScopeMapAction") from problem

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties.update(type="UserDefined", creationDate=resource.created_at)


class TokenKind(ResourceKind):
    type = TOKENS
    tracked = False
    defaults: ClassVar[Mapping[str, Any]] = {"properties": {"status": "enabled"}}

    def __init__(self, arm: Arm, registries: Registries) -> None:
        self._arm = arm
        self._registries = registries

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _TOKEN_NAME.fullmatch(new.name):
            raise InvalidRegistry(
                f"Token name '{new.name}' is invalid: 5 to 50 letters, digits and '-'.", code="InvalidName"
            )
        status = new.properties.get("status")
        if status not in ("enabled", "disabled"):
            raise InvalidRegistry(f"properties.status {status!r} is not one of enabled, disabled.")
        credentials = new.properties.pop("credentials", None) or {}
        if credentials.get("certificates"):
            raise InvalidRegistry("properties.credentials.certificates: the stand-in knows passwords only.")
        self._check_scope_map(new)

    def _check_scope_map(self, new: Resource) -> None:
        scope_map = str(new.properties.get("scopeMapId", ""))
        of_registry = f"{new.parent_id}/scopeMaps/".lower()
        name = scope_map[len(of_registry) :]
        if not scope_map.lower().startswith(of_registry) or not (
            name in SYSTEM_SCOPE_MAPS or self._arm.get(scope_map) is not None
        ):
            raise InvalidRegistry(
                f"properties.scopeMapId '{scope_map}' is not a scope map of registry '{new.parent_id}'.",
                code="ScopeMapNotFound",
            )

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        resource.properties["creationDate"] = resource.created_at

    async def remove(self, resource: Resource) -> None:
        self._registries.forget_passwords(resource)

    def view(self, resource: Resource) -> dict[str, Any]:
        listed = passwords.listed(self._registries.slots(resource))
        return {**resource.body, "properties": {**resource.properties, "credentials": {"passwords": listed}}}
