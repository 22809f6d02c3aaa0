"""What a principal may do, and the wait until Azure lets it: assignments take up to minutes to be effective.

https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pulumi
from pulumi_azure_native import authorization

from infra.resources.role_ready import RoleCheckArgs, RoleReady, RoleReadyArgs


class Role(StrEnum):
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    FILE_DATA_PRIVILEGED_CONTRIBUTOR = "69566ab7-960f-475b-8e7c-b3118f30c6bd"
    KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
    KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
    KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
    IOT_HUB_DATA_CONTRIBUTOR = "4fc6c259-987e-4a07-842e-c321cc9d413f"
    KUBERNETES_EXTENSION_CONTRIBUTOR = "85cb6faf-e071-4c9b-8136-154b5a04f717"
    AKS_CLUSTER_ADMIN = "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8"


@dataclass(frozen=True, kw_only=True)
class Grant:
    name: str
    role: Role
    scope: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    subscription_id: str
    principal_id: pulumi.Input[str]
    principal_type: str
    """Always told: a principal made a moment ago is not replicated yet, and a deployer whose own right to assign is
    conditioned on the type is refused where the request does not carry it."""
    grants: Sequence[Grant]
    settle_seconds: int
    """0 where whoever uses the right tries again by itself."""
    after: Sequence[pulumi.Resource] = ()
    keeps_principal: bool = False
    """Whoever deploys first is meant: a later run by someone else is no change."""


class Access(pulumi.ComponentResource):
    """`ready` is what users of the rights depend on."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Access", name, None, opts)
        self._args = args
        assignments = [self._assign(f"{name}-{grant.name}", grant) for grant in args.grants]
        self.ready = RoleReady(
            name,
            RoleReadyArgs(
                checks=[
                    RoleCheckArgs(
                        scope=assignment.scope,
                        principal_id=assignment.principal_id,
                        role_definition_id=assignment.role_definition_id,
                    )
                    for assignment in assignments
                ],
                settle_seconds=args.settle_seconds,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=assignments),
        )
        self.register_outputs({})

    def _assign(self, name: str, grant: Grant) -> authorization.RoleAssignment:
        # A GUID of names alone would collide after destroy + up: the identity made anew is another principal, while an
        # assignment of the old one may survive.
        triple = pulumi.Output.all(grant.scope, grant.role.value, self._args.principal_id)
        options = pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(self._args.after))
        if self._args.keeps_principal:
            options.ignore_changes = ["principalId", "principalType", "roleAssignmentName"]
        return authorization.RoleAssignment(
            name,
            role_assignment_name=triple.apply(_assignment_name),
            scope=grant.scope,
            principal_id=self._args.principal_id,
            principal_type=self._args.principal_type,
            role_definition_id=(
                f"/subscriptions/{self._args.subscription_id}"
                f"/providers/Microsoft.Authorization/roleDefinitions/{grant.role}"
            ),
            # whose it is, for who finds it when its principal is gone (cloud.naming.assigned_by)
            description=f"{pulumi.get_project()}/{pulumi.get_stack()}",
            opts=options,
        )


def _assignment_name(triple: Sequence[object]) -> str:
    # a targeted `up` leaves parts of it out: they are None then, and what is made of them is not made
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(map(str, triple))))
