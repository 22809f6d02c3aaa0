"""Resource group, made or found, and the identities that parts of the environment act as.

https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import managedidentity, resources


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    group: str
    exists: bool
    """Whether somebody else made the group: then it is no resource of this stack, and a destroy leaves it."""
    location: str
    tags: Mapping[str, str]


class GroupRefused(Exception):
    """The resource group that the configuration names cannot be used; said before any resource."""


def check_existing(name: str, location: str) -> None:
    """Raises GroupRefused for a group that is not there, or may not be read, or stands in another region."""
    key = f"edgeway:existing.resourceGroup: {name!r}"
    try:
        found = resources.get_resource_group(resource_group_name=name)
    except Exception as error:  # what the SDK raises for an invoke that fails is no narrower
        if "404" in str(error) or "NotFound" in str(error):
            there = "does not exist in this subscription; make it, or leave the key out and `up` makes one of its own"
            raise GroupRefused(f"{key} {there}") from error
        raise GroupRefused(f"{key} cannot be read: {error}") from error
    region = found.location.replace(" ", "").lower()
    if region != location:
        raise GroupRefused(f"{key} is in {region}; allowed: a group in {location}, as edgeway:location says")


class Foundation(pulumi.ComponentResource):
    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Foundation", name, None, opts)
        self._name, self._args = name, args
        self.group_name: pulumi.Input[str] = args.group if args.exists else self._group().name
        self.register_outputs({"resourceGroup": self.group_name})

    def _group(self) -> resources.ResourceGroup:
        return resources.ResourceGroup(
            self._name,
            resource_group_name=self._args.group,
            location=self._args.location,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def identity(self, role: str, identity_name: str) -> managedidentity.UserAssignedIdentity:
        """An identity for the part that asks for it.

        All hang under this component: a part may be renamed, its principal and its role assignments stay.
        """
        return managedidentity.UserAssignedIdentity(
            f"{self._name}-{role}",
            resource_name_=identity_name,
            resource_group_name=self.group_name,
            location=self._args.location,
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
