"""Container registry without admin user: scoring pulls by identity, devices by a token that reads their images only.

https://learn.microsoft.com/azure/container-registry/container-registry-token-based-repository-permissions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerregistry

from infra.components.site import Site
from infra.pinned import pinned
from infra.resources.token_password import TokenPassword, TokenPasswordArgs
from infra.settings.tree import RegistrySettings

_API_VERSION = "v20251101"  # the SDK has a preview version of 2023
_DEVICE_TOKEN = "edge-devices"  # noqa: S105 - its name


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    site: Site
    registry_name: str
    settings: RegistrySettings
    device_repositories: Sequence[str]
    """What devices may pull; without any they get no token."""
    protect: bool


class Registry(pulumi.ComponentResource):
    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Registry", name, None, opts)
        self._args = args
        site = args.site
        registry = pinned(
            containerregistry.Registry,
            _API_VERSION,
            # Under ABAC, which becomes Azure's default mode, AcrPull is not honoured.
            roleAssignmentMode="LegacyRegistryPermissions",
        )
        self.registry = registry(
            name,
            registry_name=args.registry_name,
            resource_group_name=site.resource_group_name,
            location=site.location,
            tags=site.tags,
            sku=containerregistry.SkuArgs(name=args.settings.sku),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            public_network_access="Enabled",
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, replace_on_changes=["zoneRedundancy", "location"]
            ),
        )
        self.login_server: pulumi.Output[str] = self.registry.login_server
        self.device_password = self._device_password(name) if args.device_repositories else None
        self.register_outputs({"loginServer": self.login_server})

    def _device_password(self, name: str) -> TokenPassword:
        site = self._args.site
        scope_map = pinned(containerregistry.ScopeMap, _API_VERSION)(
            name,
            scope_map_name=_DEVICE_TOKEN,
            resource_group_name=site.resource_group_name,
            registry_name=self.registry.name,
            actions=[
                f"repositories/{repository}/{action}"
                for repository in sorted(self._args.device_repositories)
                for action in ("content/read", "metadata/read")
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        token = pinned(containerregistry.Token, _API_VERSION)(
            name,
            token_name=_DEVICE_TOKEN,
            resource_group_name=site.resource_group_name,
            registry_name=self.registry.name,
            scope_map_id=scope_map.id,
            status="enabled",
            # the passwords made below show up here
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["credentials"]),
        )
        return TokenPassword(
            name,
            TokenPasswordArgs(
                subscription_id=site.subscription_id,
                resource_group_name=site.resource_group_name,
                registry_name=self.registry.name,
                token_name=token.name,
                token_id=token.id,
                rotation=self._args.settings.password_rotation,
            ),
            pulumi.ResourceOptions(parent=self),
        )
