"""`mledge:azure:Purge`: on destroy, removes a resource that Azure only soft-deletes, so that its name is free again.

It depends on the resource, and whatever uses the resource depends on it: so it is deleted after the users and before
the resource itself, which azure-native then finds gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi

from infra.resources import MledgeResource


@dataclass(frozen=True, kw_only=True)
class PurgeArgs:
    kind: Literal["workspace", "compute", "attachment", "vault", "logAnalytics", "insights"]
    resource_id: pulumi.Input[str]
    location: pulumi.Input[str]


class Purge(MledgeResource):
    resource_type = "mledge:azure:Purge"
    outputs = ()

    def __init__(self, name: str, args: PurgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
