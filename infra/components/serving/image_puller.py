"""The identity that serving places pull images as: it may do that, and nothing else that a kind of place does not need.

https://learn.microsoft.com/azure/container-registry/container-registry-authentication-managed-identity
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from infra.components.access import Access, AccessArgs, Grant, Role
from infra.components.foundation import Foundation
from infra.components.registry import Registry
from infra.components.site import Site


@dataclass(frozen=True, kw_only=True)
class ImagePullerArgs:
    site: Site
    foundation: Foundation
    identity_name: str
    registry: Registry
    settle_seconds: int
    """How long Azure gets to honour the right before an image is pulled."""
    grants: Sequence[Grant] = ()
    """What else the places need that use it."""


class ImagePuller:
    """What pulls depends on `ready`: without the right a container group fails at create."""

    def __init__(self, name: str, args: ImagePullerArgs) -> None:
        self.login_server = args.registry.login_server
        self.identity = args.foundation.identity(name, args.identity_name)
        access = Access(
            f"{name}-pull",
            AccessArgs(
                subscription_id=args.site.subscription_id,
                principal_id=self.identity.principal_id,
                principal_type="ServicePrincipal",
                grants=[Grant(name="registry", role=Role.ACR_PULL, scope=args.registry.registry.id), *args.grants],
                settle_seconds=args.settle_seconds,
            ),
        )
        self.ready: Sequence[pulumi.Resource] = [access.ready]
