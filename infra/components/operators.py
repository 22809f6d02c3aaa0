"""Data-plane rights of whoever deploys: Contributor alone may neither write blobs nor identities and deployments.

https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-azure-ad
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.site import Site
from infra.resources.role_ready import RoleReady
from infra.settings.tree import OperatorSettings


@dataclass(frozen=True, kw_only=True)
class OperatorsArgs:
    site: Site
    operators: Sequence[OperatorSettings]
    deployer: OperatorSettings | None
    """Who deploys first, where the stack names nobody."""
    hub_id: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]
    vault_id: pulumi.Input[str] | None = None
    """Where keys of devices are kept, which whoever deploys writes and deletes."""


class Operators(pulumi.ComponentResource):
    def __init__(self, name: str, args: OperatorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Operators", name, None, opts)
        self._args = args
        named = [(f"{name}-{operator.principal_id}", operator) for operator in args.operators]
        deployer = [(f"{name}-deployer", args.deployer)] if args.deployer else []
        self.ready: Sequence[RoleReady] = [self._access(*one).ready for one in named or deployer]
        self.register_outputs({})

    def _grants(self) -> list[Grant]:
        args = self._args
        grants = [
            Grant(name="hub", role=Role.IOT_HUB_DATA_CONTRIBUTOR, scope=args.hub_id),
            Grant(name="blobs", role=Role.BLOB_DATA_CONTRIBUTOR, scope=args.storage_account_id),
        ]
        if args.vault_id is not None:
            grants.append(Grant(name="secrets", role=Role.KEY_VAULT_SECRETS_OFFICER, scope=args.vault_id))
        return grants

    def _access(self, name: str, operator: OperatorSettings) -> Access:
        return Access(
            name,
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=operator.principal_id,
                principal_type=operator.type,
                settle_seconds=0,
                keeps_principal=operator is self._args.deployer,
                grants=self._grants(),
            ),
            pulumi.ResourceOptions(parent=self),
        )
