"""https://learn.microsoft.com/rest/api/virtualnetwork/network-security-groups"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standin.core.arm import Resource
from standin.network.errors import InUseSecurityGroup
from standin.network.kinds.kind import NetworkKind, references_to
from standin.network.references import GROUPS
from standin.network.rules import check_rules, default_rules


class NetworkSecurityGroup(NetworkKind):
    type = GROUPS
    keeps = ("properties.securityRules",)

    async def check(self, new: Resource, old: Resource | None) -> None:
        check_rules(new)

    def view(self, resource: Resource) -> dict[str, Any]:
        interfaces = self._references.interfaces_of_group(resource)
        subnets = self._references.subnets_of_group(resource)
        return self.shown(
            resource,
            securityRules=self.below(resource, "securityRules", resource.properties.get("securityRules")),
            defaultSecurityRules=[{**rule, "etag": self.etag(resource)} for rule in default_rules(resource)],
            **({"networkInterfaces": references_to(interfaces)} if interfaces else {}),
            **({"subnets": references_to(subnets)} if subnets else {}),
        )

    async def check_delete(self, resource: Resource, query: Mapping[str, str]) -> None:
        users = [
            *self._references.interfaces_of_group(resource),
            *self._references.subnets_of_group(resource),
        ]
        if users:
            raise InUseSecurityGroup(resource.id, users)
