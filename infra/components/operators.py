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
    """Where the stack names nobody, it is who deploys first."""
    deployer_id: str
    hub_id: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]


class Operators(pulumi.ComponentResource):
    def __init__(self, name: str, args: OperatorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edgeway:infra:Operators", name, None, opts)
        self._args = args
        named = [self._access(f"{name}-{operator.principal_id}", operator) for operator in args.operators]
        self.ready: Sequence[RoleReady] = [access.ready for access in named or [self._access(f"{name}-deployer", None)]]
        self.register_outputs({})

    def _access(self, name: str, operator: OperatorSettings | None) -> Access:
        return Access(
            name,
            AccessArgs(
                subscription_id=self._args.site.subscription_id,
                principal_id=operator.principal_id if operator else self._args.deployer_id,
                # whether a person or a service deploys is not known here; Azure looks it up
                principal_type=operator.type if operator else None,
                settle_seconds=0,
                keeps_principal=operator is None,
                grants=[
                    Grant(name="hub", role=Role.IOT_HUB_DATA_CONTRIBUTOR, scope=self._args.hub_id),
                    Grant(name="blobs", role=Role.BLOB_DATA_CONTRIBUTOR, scope=self._args.storage_account_id),
                ],
            ),
            pulumi.ResourceOptions(parent=self),
        )
