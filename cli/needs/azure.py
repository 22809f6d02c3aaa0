"""What Azure lacks for a stack: subscription, provider registrations, rights, room in the region, names.

Nothing is changed: GETs, and the POSTs that ask whether a name is free.
"""

from __future__ import annotations

from collections.abc import Callable

from cli.needs.clusters import machines_of_clusters
from cli.needs.kubernetes import kubernetes
from cli.needs.machines import machine_needs
from cli.needs.names import names
from cli.needs.need import Need
from cli.needs.online import machines_of_endpoints
from cli.needs.rights import rights
from cli.needs.room import TYPES, container_quota, container_sizes, free_hubs, registrations
from cli.needs.subscription import Place, unanswered
from cli.needs.virtual_machines import virtual_machines
from cli.stack.environment import child_environment
from cloud.errors import ServiceError


def _machines(place: Place) -> list[Need]:
    return machine_needs(place, [*machines_of_clusters(place), *machines_of_endpoints(place)])


PROVIDERS = tuple(TYPES)
_READER = "ask for Reader at the subscription"
_ASKED: tuple[tuple[str, Callable[[Place], list[Need]], str], ...] = (
    ("provider registrations", registrations, _READER),
    ("rights", rights, "ask for Reader where the stack is"),
    ("container quota", container_quota, f"{_READER}, register Microsoft.ContainerInstance"),
    ("container size", container_sizes, f"{_READER}, register Microsoft.ContainerInstance"),
    ("machines of Azure ML", _machines, f"{_READER}, register Microsoft.MachineLearningServices"),
    ("Kubernetes", kubernetes, f"{_READER}, register Microsoft.Compute"),
    ("virtual machines", virtual_machines, f"{_READER}, register Microsoft.Compute"),
    ("free hubs", free_hubs, f"{_READER}, register Microsoft.Devices"),
    ("names", names, _READER),
)


def needs(stack: str) -> list[Need]:
    place = place_of(stack)
    if place is None:
        found = "none: neither `az` has a profile here nor is AZURE_SUBSCRIPTION_ID set"
        return [Need(name="subscription", ok=False, found=found, remedy='docs/azure.md, first run, step "Sign in"')]
    reached = _asked(place, "subscription", _subscription, "`az account set`, or another sign-in: docs/azure.md")
    if reached[0].ok is False:
        return reached
    return [*reached, *(need for name, ask, remedy in _ASKED for need in _asked(place, name, ask, remedy))]


def names_of(stack: str) -> list[Need]:
    """Those that an `up` would stumble over minutes later."""
    place = place_of(stack)
    return [] if place is None else _asked(place, "names", names, _READER)


def rights_of(stack: str) -> list[Need]:
    """Those that Azure would refuse minutes later, after some more in which a role may be on its way."""
    place = place_of(stack)
    return [] if place is None else _asked(place, "rights", rights, "ask for Reader where the stack is")


def place_of(stack: str) -> Place | None:
    """None where no subscription is known."""
    given = child_environment(stack).get("AZURE_SUBSCRIPTION_ID")
    return Place.of_stack(stack, given) if given else None


def _asked(place: Place, name: str, ask: Callable[[Place], list[Need]], remedy: str) -> list[Need]:
    try:
        return ask(place)
    except ServiceError as error:
        return [unanswered(name, error, remedy)]


def _subscription(place: Place) -> list[Need]:
    name = place.get(place.scope, "2022-12-01").get("displayName", "")
    return [Need(name="subscription", ok=True, found=f"{name} {place.id}".strip())]
