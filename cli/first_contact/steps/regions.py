"""Step 3: what the subscription and the region offer: registrations, types, capacity, quotas, policies that deny."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.first_contact.contact import Contact
from cli.first_contact.finding import NotAsked, NotMeant, wanted
from cli.first_contact.step import Step
from cli.needs.azure import PROVIDERS

_ACI = "/providers/Microsoft.ContainerInstance/locations/{location}"
_ACI_VERSION = "2023-05-01"
_POLICY = "/providers/Microsoft.Authorization/policyAssignments"
_POLICY_VERSION = "2023-04-01"


class Regions:
    def __init__(self, contact: Contact) -> None:
        self._contact = contact

    def registrations(self) -> str:
        states = {name: str(self._provider(name).get("registrationState")) for name in PROVIDERS}
        lacking = {name: state for name, state in states.items() if state != "Registered"}
        told = ", ".join(f"{name} {state}" for name, state in lacking.items())
        return wanted(not lacking, told or f"all {len(states)} are registered")

    def regions(self) -> str:
        lacking = []
        types = sorted({_type_of(one.id) for one in self._contact.planned.resources if "/providers/" in one.id})
        for namespace, type_name in types:
            offered = _locations(self._provider(namespace), type_name)
            if offered and _plain(self._contact.location) not in offered:
                lacking.append(f"{namespace}/{type_name}")
        told = ", ".join(lacking) + f" not in {self._contact.location}"
        return wanted(not lacking, told if lacking else f"all {len(types)} types are in {self._contact.location}")

    def container_capabilities(self) -> str:
        place = _ACI.format(location=self._contact.location)
        found = self._contact.listed(f"{place}/capabilities", _ACI_VERSION)
        linux = [one for one in found if str(one.get("osType")) == "Linux" and str(one.get("gpu", "None")) == "None"]
        cores, memory = self._largest()
        fitting = [
            one
            for one in linux
            if float((one.get("capabilities") or {}).get("maxCpu", 0)) >= cores
            and float((one.get("capabilities") or {}).get("maxMemoryInGB", 0)) >= memory
        ]
        return wanted(
            bool(fitting), f"{len(fitting)} of {len(linux)} Linux sizes take our largest: cpu {cores:g}, {memory:g} GB"
        )

    def container_quota(self) -> str:
        usages = self._contact.listed(f"{_ACI.format(location=self._contact.location)}/usages", _ACI_VERSION)
        told = {str((one.get("name") or {}).get("value")): (one["currentValue"], one["limit"]) for one in usages}
        counted = {name: told[name] for name in ("ContainerGroups", "StandardCores") if name in told}
        full = [name for name, (used, limit) in counted.items() if used >= limit]
        text = ", ".join(f"{name} {used} of {limit}" for name, (used, limit) in counted.items())
        return wanted(len(counted) == 2 and not full, text or f"other counters: {', '.join(told)}")

    def hub_quota(self) -> str:
        """Azure counts free hubs only; a used one stops a stack of F1, and makes step 7 cost."""
        usages = self._contact.listed("/providers/Microsoft.Devices/usages", "2023-06-30")
        named = {str((one.get("name") or {}).get("value")): one for one in usages}
        if "FreeHubCount" not in named:
            return wanted(False, f"no FreeHubCount, but: {', '.join(named) or 'nothing'}")
        free = named["FreeHubCount"]
        left = int(free["limit"]) - int(free["currentValue"])
        wants_free = (self._contact.setting("iotHub") or {}).get("sku") == "F1"
        return wanted(left > 0 or not wants_free, f"{free['currentValue']} of {free['limit']} free hubs are used")

    def policies(self) -> str:
        assigned = self._contact.listed(_POLICY, _POLICY_VERSION)
        enforced = [one for one in assigned if one["properties"].get("enforcementMode", "Default") == "Default"]
        denying, sets = [], 0
        for one in enforced:
            effect = self._effect(one["properties"])
            sets += effect is None
            if str(effect).lower() == "deny":
                denying.append(str(one["properties"].get("displayName") or one["name"]))
        told = f"{len(assigned)} assignments"
        if denying:
            return wanted(False, f"{told}; these deny: {', '.join(denying)}")
        if sets:
            raise NotAsked(f"{told}; {sets} of them are initiatives, which are not looked into: see them in the portal")
        return f"{told}, none denies"

    def _effect(self, assignment: Mapping[str, Any]) -> str | None:
        """Of the policy behind an assignment; None for an initiative."""
        definition_id = str(assignment["policyDefinitionId"])
        if "/policysetdefinitions/" in definition_id.lower():
            return None
        definition = self._contact.arm.get(definition_id, "2023-04-01").body["properties"]
        effect = str(((definition.get("policyRule") or {}).get("then") or {}).get("effect", ""))
        if not effect.lower().startswith("[parameters("):
            return effect
        name = effect.split("'")[1]
        given = (assignment.get("parameters") or {}).get(name) or {}
        default = ((definition.get("parameters") or {}).get(name) or {}).get("defaultValue", "")
        return str(given.get("value", default))

    def _largest(self) -> tuple[float, float]:
        """Cores and GB of the largest container group that the stack plans."""
        groups = self._contact.planned.all("containerinstance:ContainerGroup")
        if not groups:
            raise NotMeant("the stack has no container group")
        sizes = [
            one["properties"]["resources"]["requests"]
            for group in groups
            for one in group.body["properties"]["containers"]
        ]
        return max(float(one["cpu"]) for one in sizes), max(float(one["memoryInGB"]) for one in sizes)

    def _provider(self, namespace: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._contact.get(f"/providers/{namespace}", "2021-04-01")
        return found


def _type_of(resource_id: str) -> tuple[str, str]:
    namespace, *rest = resource_id.rpartition("/providers/")[2].split("/")
    return namespace, "/".join(rest[::2])


def _locations(provider: Mapping[str, Any], type_name: str) -> set[str]:
    """Empty for a type that lies nowhere in particular, as children and role assignments do."""
    return set(_locations_of(provider, type_name))


def _locations_of(provider: Mapping[str, Any], type_name: str) -> Iterator[str]:
    for one in provider.get("resourceTypes") or ():
        if str(one.get("resourceType", "")).lower() == type_name.lower():
            yield from (_plain(str(place)) for place in one.get("locations") or ())


def _plain(location: str) -> str:
    """`West Europe` and `westeurope` are one."""
    return location.replace(" ", "").lower()


STEP = Step(
    number=3,
    name="regions",
    does="registrations, types of the region, sizes and quotas of containers, free hubs, policies that deny",
    price="nothing",
    limit_s=240,
    begin=Regions,
    checks={
        "P-registrations": Regions.registrations,
        "P-regions": Regions.regions,
        "P-container-sizes": Regions.container_capabilities,
        "P-container-quota": Regions.container_quota,
        "P-hub-quota": Regions.hub_quota,
        "P-policies": Regions.policies,
    },
)
