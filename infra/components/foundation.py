"""Resource group, and the identities that the workspace and the scoring containers act as.

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
    workspace_identity_name: str
    scoring_identity_name: str


class Foundation(pulumi.ComponentResource):
    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Foundation", name, None, opts)
        self._args = args
        self.group = resources.ResourceGroup(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.workspace_identity = self._identity(f"{name}-workspace", args.workspace_identity_name)
        self.scoring_identity = self._identity(f"{name}-scoring", args.scoring_identity_name)
        self.register_outputs({"resourceGroup": self.group.name})

    def _identity(self, name: str, identity_name: str) -> managedidentity.UserAssignedIdentity:
        return managedidentity.UserAssignedIdentity(
            name,
            resource_name_=identity_name,
            resource_group_name=self.group.name,
            location=self._args.location,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
