"""Whether the subscription and the region have room for the stack: registrations, types, sizes, quotas.

https://learn.microsoft.com/rest/api/resources/providers/get
https://learn.microsoft.com/rest/api/container-instances/location
https://learn.microsoft.com/rest/api/iothub/resource-provider-common/get-subscription-quota
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cli.needs.kubernetes import kubernetes_clusters
from cli.needs.need import Need
from cli.needs.subscription import Place, side_by_side
from cli.needs.virtual_machines import vm_hosts

TYPES: Mapping[str, Sequence[str]] = {
    "Microsoft.ManagedIdentity": ("userAssignedIdentities",),
    "Microsoft.OperationalInsights": ("workspaces",),
    "Microsoft.Insights": ("components",),
    # Azure itself puts an alert rule beside Application Insights
    "Microsoft.AlertsManagement": (),
    "Microsoft.Storage": ("storageAccounts",),
    "Microsoft.KeyVault": ("vaults",),
    "Microsoft.ContainerRegistry": ("registries",),
    "Microsoft.MachineLearningServices": ("workspaces",),
    "Microsoft.ContainerInstance": ("containerGroups",),
    "Microsoft.Devices": ("IotHubs",),
}
"""Of which `up` makes some, by the provider that has to be registered."""
FOR_KUBERNETES: Mapping[str, Sequence[str]] = {
    "Microsoft.ContainerService": ("managedClusters",),
    "Microsoft.KubernetesConfiguration": ("extensions",),
    # AKS makes its machines and addresses
    "Microsoft.Compute": (),
    "Microsoft.Network": (),
}
"""Beside these, where a stack has a cluster of Kubernetes."""
FOR_MACHINES: Mapping[str, Sequence[str]] = {
    "Microsoft.Compute": ("virtualMachines",),
    "Microsoft.Network": ("virtualNetworks", "natGateways"),
}
"""Beside these, where a device of the stack is a virtual machine."""
_INSTANCES_VERSION = "2023-05-01"
_HUBS_VERSION = "2023-06-30"


def registrations(place: Place) -> list[Need]:
    """And whether each type is offered in the region: where it tells no places, it says nothing."""
    wanted = {
        **TYPES,
        **(FOR_KUBERNETES if kubernetes_clusters(place.config) else {}),
        **(FOR_MACHINES if vm_hosts(place.config) else {}),
    }
    found = side_by_side([partial(_provider, place, namespace) for namespace in wanted])
    providers = dict(zip(wanted, found, strict=True))
    needs = [_registered(namespace, provider) for namespace, provider in providers.items()]
    lacking = [
        f"{namespace}/{type_name}"
        for namespace, types in wanted.items()
        for type_name in types
        if not _offered(providers[namespace], type_name, place.location)
    ]
    told = f"{place.location} has no {', '.join(lacking)}" if lacking else f"{place.location} has every type"
    remedy = "another edgeway:location in the stack file, before the first `up`"
    return [*needs, Need(name="region", ok=not lacking, found=told, remedy=remedy, needed_by="up")]


def _provider(place: Place, namespace: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = place.get(f"{place.scope}/providers/{namespace}", "2021-04-01")
    return answer


def _registered(namespace: str, provider: Mapping[str, Any]) -> Need:
    state = str(provider.get("registrationState", "unknown"))
    remedy = f"az provider register --namespace {namespace}"
    return Need(name=namespace, ok=state == "Registered", found=state, remedy=remedy, needed_by="up")


def _offered(provider: Mapping[str, Any], type_name: str, location: str) -> bool:
    for one in provider.get("resourceTypes") or ():
        if str(one.get("resourceType", "")).lower() == type_name.lower():
            places = [_plain(place) for place in one.get("locations") or ()]
            return not places or _plain(location) in places
    return True


def _plain(location: str) -> str:
    """`West Europe` is `westeurope`."""
    return location.replace(" ", "").lower()


def container_quota(place: Place) -> list[Need]:
    path = f"{place.scope}/providers/Microsoft.ContainerInstance/locations/{place.location}/usages"
    return [
        Need(
            name=f"quota {entry['name']['value']}",
            ok=entry["currentValue"] < entry["limit"],
            found=f"{entry['currentValue']} of {entry['limit']} in {place.location}",
            remedy="ask for more, or use another region",
            needed_by="the scoring service",
        )
        for entry in place.get(path, _INSTANCES_VERSION).get("value", ())
        if entry["name"]["value"] in ("ContainerGroups", "StandardCores")
    ]


def container_sizes(place: Place) -> list[Need]:
    """The largest of the stack's container groups has to fit into a size that the region offers."""
    cpu, memory = _largest(place.config)
    if not cpu:
        return []
    path = f"{place.scope}/providers/Microsoft.ContainerInstance/locations/{place.location}/capabilities"
    sizes = [
        (float(one["capabilities"]["maxCpu"]), float(one["capabilities"]["maxMemoryInGB"]))
        for one in place.get(path, _INSTANCES_VERSION).get("value", ())
        if (one.get("osType"), one.get("gpu", "None")) == ("Linux", "None")
    ]
    fits = any(cpu <= cores and memory <= gigabytes for cores, gigabytes in sizes)
    offered = " or ".join(f"{cores:g} CPU, {gigabytes:g} GB" for cores, gigabytes in sorted(set(sizes)))
    return [
        Need(
            name="container size",
            ok=fits,
            found=f"{cpu:g} CPU, {memory:g} GB; at most {offered or 'nothing'} in {place.location}",
            remedy="less cpu or memoryGb of the endpoint, or another region",
            needed_by="the scoring service",
        )
    ]


def _largest(config: Mapping[str, Any]) -> tuple[float, float]:
    groups = [endpoint for endpoint in _endpoints(config) if endpoint.get("kind") == "containerGroup"]
    return (
        max((float(one.get("cpu", 1)) for one in groups), default=0.0),
        max((float(one.get("memoryGb", 1)) for one in groups), default=0.0),
    )


def _endpoints(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for model in config.get("models") or ():
        yield from model.get("endpoints") or ()


def free_hubs(place: Place) -> list[Need]:
    """Azure counts free hubs only, of which a subscription has one: nothing to a stack of another sku."""
    if (place.config.get("iotHub") or {}).get("sku") != "F1":
        return []
    usages = place.get(f"{place.scope}/providers/Microsoft.Devices/usages", _HUBS_VERSION).get("value", ())
    ours = place.resource("Microsoft.Devices/IotHubs", place.names.iot_hub)
    return [
        Need(
            name="free hubs",
            ok=int(entry["currentValue"]) < int(entry["limit"]) or place.exists(ours, _HUBS_VERSION),
            found=f"{entry['currentValue']} of {entry['limit']}",
            remedy="delete the other one, or edgeway:iotHub: {sku: S1}",
            needed_by="the IoT Hub",
        )
        for entry in usages
        if entry["name"]["value"] == "FreeHubCount"
    ]
