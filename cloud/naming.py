"""Names of the Azure resources: the same after destroy + up, unlike those of other environments, within the limits.

`<kind>-<project>-<environment>-<6 hex>`, where the hex is a hash of subscription, resource group and stack: names that
are global in Azure (storage, vault, registry, hub) then differ between subscriptions too. A resource group that
somebody else made keeps its name, and is what is hashed.
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_SUFFIX_LENGTH = 6
_ENDPOINT_LIMIT, _CUT_LENGTH = 32, 4


def assigned_by(project: str, stack: str) -> str:
    """What a role assignment of the program says in its description: who it is for may be gone before it is."""
    return f"{project}/{stack}"


@dataclass(frozen=True, kw_only=True)
class Names:
    project: str
    environment: str
    suffix: str
    existing_group: str | None = None
    """A resource group that is there already, by the name that it has."""

    @classmethod
    def derive(
        cls, *, project: str, environment: str, stack: str, subscription_id: str, existing_group: str | None = None
    ) -> Names:
        # Azure compares names of groups without regard to case: another spelling is no other environment
        group = existing_group.lower() if existing_group else f"rg-{project}-{environment}"
        text = f"{subscription_id.lower()}/{group}/{stack}"
        return cls(
            project=project,
            environment=environment,
            suffix=hashlib.sha256(text.encode()).hexdigest()[:_SUFFIX_LENGTH],
            existing_group=existing_group,
        )

    @property
    def resource_group(self) -> str:
        return self.existing_group or self._name("rg", limit=90)

    def identity(self, role: str) -> str:
        return self._name("id", role, limit=128)

    @property
    def log_analytics(self) -> str:
        return self._name("log", limit=63)

    @property
    def application_insights(self) -> str:
        return self._name("appi", limit=255)

    @property
    def storage_account(self) -> str:
        return self._name("st", limit=24, separator="")

    @property
    def key_vault(self) -> str:
        return self._name("kv", limit=24)

    @property
    def container_registry(self) -> str:
        return self._name("cr", limit=50, separator="")

    @property
    def workspace(self) -> str:
        return self._name("mlw", limit=33)

    def workspace_id(self, subscription_id: str) -> str:
        group = f"/subscriptions/{subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace}"

    @property
    def iot_hub(self) -> str:
        return self._name("iot", limit=50)

    def container_group(self, model: str) -> str:
        return self._name("ci", model, limit=63)

    def machine(self, device: str) -> str:
        return self._name("vm", device, limit=64)

    def machine_interface(self, device: str, outbound: str) -> str:
        """One for each way out: a machine that changes its way gets the new one before the old one can go."""
        return self._name("nic", f"{device}-{outbound.lower()}", limit=80)

    def public_address(self, part: str) -> str:
        return self._name("pip", part, limit=80)

    @property
    def machine_network(self) -> str:
        return self._name("vnet", limit=64)

    @property
    def machine_security_group(self) -> str:
        return self._name("nsg", limit=80)

    @property
    def nat_gateway(self) -> str:
        return self._name("ng", limit=80)

    def kubernetes_cluster(self, compute: str) -> str:
        return self._name("aks", compute, limit=54)

    def node_group(self, compute: str) -> str:
        """The resource group that AKS makes for a cluster's machines."""
        return f"rg-{self.kubernetes_cluster(compute)}-nodes"

    def kubernetes_host(self, compute: str) -> str:
        """Of a cluster whose owner has no name for it: of the domain that is kept for private use."""
        return f"{self.kubernetes_cluster(compute)}.internal"

    def online_endpoint(self, model: str) -> str:
        return self._endpoint("ep", model)

    def kubernetes_endpoint(self, model: str) -> str:
        return self._endpoint("ek", model)

    def _endpoint(self, kind: str, model: str) -> str:
        """Unique in its region, with room for little: of a long model's name the beginning, told apart by its hash."""
        spelt = model.replace("_", "-")
        room = _ENDPOINT_LIMIT - len(f"{kind}--{self.environment}-{self.suffix}")
        if len(spelt) > room:
            told_apart = hashlib.sha256(model.encode()).hexdigest()[:_CUT_LENGTH]
            spelt = f"{spelt[: room - _CUT_LENGTH - 1].rstrip('-')}-{told_apart}"
        return f"{kind}-{spelt}-{self.environment}-{self.suffix}"

    def dns_label(self, model: str) -> str:
        """A label is unique in its region for all customers, as the suffix is."""
        return self._name(self.project, model, limit=63, project="")

    def _name(self, kind: str, part: str = "", *, limit: int, separator: str = "-", project: str | None = None) -> str:
        """Too long a name is cut in the project's part: environment and suffix tell two names apart, the project does
        not."""
        project = (self.project if project is None else project).replace("-", separator)
        fixed = [part.replace("_", "-"), self.environment, self.suffix]
        taken = len(separator.join([kind, *filter(None, fixed)]))
        room = limit - taken - len(separator)
        if taken > limit:
            raise ValueError(f"no name of {limit} characters for {kind}: {'-'.join(filter(None, fixed))} is too long")
        cut = project[: max(room, 0)].rstrip("-")
        return separator.join(filter(None, [kind, cut, *fixed]))
