"""azure-native classes whose default API version is wrong for us, pinned; and the options that Azure's rules ask for.

The SDK holds one version per class. The provider holds all and picks by the type token, so a pinned class is the SDK's
with the version put into its token (azure-native: provider.go, lookupResourceFromURN). The alias of the unversioned
token keeps a resource that was made under it: else the engine plans a create beside a delete, and the create dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi
from pulumi_azure_native import authorization, containerinstance, containerregistry, keyvault


class _Pinned(pulumi.CustomResource):
    """Stands after the SDK's class in the method order, so that the class's call of `super().__init__` comes here."""

    pinned_type: ClassVar[str | None] = None
    changed: ClassVar[Mapping[str, object]] = {}
    """Properties that the SDK's default version does not know (under their wire names), or fills in wrongly."""

    def __init__(self, t: str, name: str, props: Any, opts: pulumi.ResourceOptions, *args: Any, **kwargs: Any) -> None:
        props.__dict__.update(self.changed)
        if self.pinned_type is not None:
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=t)]))
        super().__init__(self.pinned_type or t, name, props, opts, *args, **kwargs)


class ContainerGroup(containerinstance.ContainerGroup, _Pinned):
    """Default: a preview version of 2024."""

    pinned_type = "azure-native:containerinstance/v20250901:ContainerGroup"


class Registry(containerregistry.Registry, _Pinned):
    """Default: a preview version of 2023. Under ABAC, which becomes Azure's default mode, AcrPull is not honoured."""

    pinned_type = "azure-native:containerregistry/v20251101:Registry"
    changed: ClassVar[Mapping[str, object]] = {"roleAssignmentMode": "LegacyRegistryPermissions"}


class ScopeMap(containerregistry.ScopeMap, _Pinned):
    pinned_type = "azure-native:containerregistry/v20251101:ScopeMap"


class Token(containerregistry.Token, _Pinned):
    pinned_type = "azure-native:containerregistry/v20251101:Token"


class Vault(keyvault.Vault, _Pinned):
    """Every control-plane version before this one is retired on 2027-02-27."""

    pinned_type = "azure-native:keyvault/v20260201:Vault"


class LookedUpRoleAssignment(authorization.RoleAssignment, _Pinned):
    """Without principalType Azure looks the principal up; the SDK would send User, which fails for a service."""

    changed: ClassVar[Mapping[str, object]] = {"principal_type": None}
