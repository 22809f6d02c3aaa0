"""Resource group, and the identities that parts of the environment act as.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity, resources


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    resource_group_name: str
    location: str
    tags: Mapping[str, str]


class Foundation(pulumi.ComponentResource):
    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Foundation", name, None, opts)
        self._name, self._args = name, args
        self.group = resources.ResourceGroup(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"resourceGroup": self.group.name})

    def identity(self, role: str, identity_name: str) -> managedidentity.UserAssignedIdentity:
        """An identity for the part that asks for it.

        All hang under this component: a part may be renamed, its principal and its role assignments stay.
        """
        return managedidentity.UserAssignedIdentity(
            f"{self._name}-{role}",
            resource_name_=identity_name,
            resource_group_name=self.group.name,
            location=self._args.location,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
