"""Clusters as resources. https://learn.microsoft.com/rest/api/aks/managed-clusters"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from standin.containerservice.errors import InvalidCluster, InvalidName
from standin.containerservice.kubelet import KubeletIdentities, node_group
from standin.containerservice.pools import check_pools, shown_pool
from standin.containerservice.quotas import Cores
from standin.core.arm import Arm, Resource, ResourceKind
from standin.core.arm.identity import new_principal
from standin.core.auth import Roles
from standin.cores import CLUSTERS

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_DNS_PREFIX = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?")
_VERSION = re.compile(r"1\.\d{2}(\.\d{1,2})?")
_NEWEST = "1.33.5"
_NETWORK: Mapping[str, Any] = {
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "networkPolicy": "none",
    "networkDataplane": "azure",
    "loadBalancerSku": "standard",
    "outboundType": "loadBalancer",
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.0.0.0/16",
    "dnsServiceIP": "10.0.0.10",
}


class ManagedCluster(ResourceKind):
    type = CLUSTERS
    always_long = True  # its DELETE is never answered 200
    system_data = False
    empty_tags = False
    create_only = (
        "properties.dnsPrefix",
        "properties.enableRBAC",
        "properties.nodeResourceGroup",
        *(f"properties.networkProfile.{name}" for name in ("networkPlugin", "podCidr", "serviceCidr", "dnsServiceIP")),
    )
    patchable = ("tags",)
    keeps = (
        "identity",
        "kind",
        "sku",
        *(
            f"properties.{name}"
            for name in (
                "agentPoolProfiles", "apiServerAccessProfile", "autoUpgradeProfile", "disableLocalAccounts",
                "dnsPrefix", "enableRBAC", "identityProfile", "kubernetesVersion", "networkProfile",
                "nodeResourceGroup", "oidcIssuerProfile", "securityProfile", "servicePrincipalProfile",
                "storageProfile", "supportPlan",
            )
        ),
    )  # fmt: skip
    built: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "sku.name": ("Base",),
        "sku.tier": ("Free", "Standard"),
        "properties.agentPoolProfiles[*].enableAutoScaling": (False,),
        "properties.agentPoolProfiles[*].enableNodePublicIP": (False,),
        "properties.agentPoolProfiles[*].mode": ("System", "User"),
        "properties.agentPoolProfiles[*].osType": ("Linux",),
        "properties.agentPoolProfiles[*].scaleSetPriority": ("Regular",),
        "properties.agentPoolProfiles[*].type": ("VirtualMachineScaleSets",),
        "properties.apiServerAccessProfile.enablePrivateCluster": (False,),
        "properties.enableRBAC": (True,),
        "properties.publicNetworkAccess": ("Enabled",),
        "properties.servicePrincipalProfile.clientId": ("msi",),
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "kind": "Base",
        "sku": {"name": "Base", "tier": "Free"},
        "properties": {
            "disableLocalAccounts": False,
            "enableRBAC": True,
            "networkProfile": _NETWORK,
            "oidcIssuerProfile": {"enabled": False},
            "supportPlan": "KubernetesOfficial",
        },
    }

    def __init__(self, arm: Arm, roles: Roles, cores: Cores) -> None:
        self._kubelets = KubeletIdentities(arm, roles)
        self._cores = cores

    async def check(self, new: Resource, old: Resource | None) -> None:
        if not _NAME.fullmatch(new.name):
            raise InvalidName(new.name)
        _check_prefix(new.properties.get("dnsPrefix"))
        if not str((new.body.get("identity") or {}).get("type", "None")).endswith("Assigned"):
            raise InvalidCluster("Required parameter servicePrincipalProfile is missing (null).")
        _check_version(new, old)
        check_pools(new, old)
        self._kubelets.check(new)
        self._cores.check(new)

    async def apply(self, resource: Resource, old: Resource | None) -> None:
        properties = resource.properties
        seed = f"{resource.key}|{resource.created_at}"
        prefix = f"{properties['dnsPrefix']}-{new_principal(seed + '|name')[:8]}"
        version = str(properties["kubernetesVersion"])
        group = properties.setdefault("nodeResourceGroup", node_group(resource))
        properties["agentPoolProfiles"] = [shown_pool(pool, version) for pool in properties["agentPoolProfiles"]]
        properties["identityProfile"] = {"kubeletidentity": self._kubelets.of(resource, group, seed)}
        properties.update(
            currentKubernetesVersion=version,
            fqdn=f"{prefix}.hcp.{resource.location}.azmk8s.io",
            azurePortalFQDN=f"{prefix}.portal.hcp.{resource.location}.azmk8s.io",
            maxAgentPools=100,
            powerState={"code": "Running"},
            resourceUID=new_principal(seed + "|uid").replace("-", "")[:24],
            servicePrincipalProfile={"clientId": "msi"},
        )
        if properties["oidcIssuerProfile"].get("enabled"):
            issuer = f"https://{resource.location}.oic.prod-aks.azure.com/{new_principal(seed + '|issuer')}/"
            properties["oidcIssuerProfile"] = {"enabled": True, "issuerURL": issuer}


def _check_prefix(prefix: object) -> None:
    if not isinstance(prefix, str) or not _DNS_PREFIX.fullmatch(prefix):
        raise InvalidCluster(
            f"dnsPrefix is {prefix!r}: it must have 1 to 54 letters, digits and '-', and begin and end with a letter "
            "or digit."
        )


def _check_version(new: Resource, old: Resource | None) -> None:
    """A cluster keeps its version where a body names none, and never gets an older one."""
    before = old.properties.get("kubernetesVersion") if old else None
    version = new.properties.setdefault("kubernetesVersion", before or _NEWEST)
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise InvalidCluster(f"kubernetesVersion is {version!r}: allowed are versions such as '{_NEWEST}' or '1.33'.")
    if version.count(".") == 1:
        same = isinstance(before, str) and before.startswith(version + ".")
        new.properties["kubernetesVersion"] = before if same else f"{version}.0"
    if before and _numbers(new.properties["kubernetesVersion"]) < _numbers(before):
        raise InvalidCluster(f"Downgrading the Kubernetes version from {before} to {version} is not allowed.")


def _numbers(version: object) -> list[int]:
    return [int(number) for number in str(version).split(".")]
