"""All sentences of a change, in the order in which a reviewer wants them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from cli.forecast import places
from cli.forecast.devices import of_devices, of_layers
from cli.forecast.fleet import fleet
from cli.forecast.losses import losses, notices, rest
from cli.forecast.models import of_models, unknowns
from cli.forecast.operations import Operations
from cli.forecast.sentence import Sentence
from cloud.wording import counted

_SPOKEN = frozenset(
    {
        *places.NOUNS, "TrainingRun", "Image", "RegisteredModel", "EdgeDeployment", "DeviceIdentity", "Key",
        "Certificate", "TokenPassword", "Gate",
    }
)  # fmt: skip
"""Types that sentences of their own are about."""


def sentences(operations: Operations) -> list[Sentence]:
    """What is lost comes first; one sentence where nothing changes."""
    if not operations.changes:
        return [Sentence("nothing", "", "nothing changed" if operations.done else "nothing changes")]
    if all(one.op == "create" for one in operations.changes) and operations.of("ResourceGroup", "create"):
        return [*_everything_new(operations)]
    if operations.of("ResourceGroup", "delete"):
        return [*losses(operations), _count("delete", operations)]
    return [*_in_order(operations)]


def as_json(operations: Operations) -> dict[str, Any]:
    devices = fleet(operations)
    return {
        "sentences": [
            {"kind": one.kind, "subject": one.subject, "text": one.text} for one in sentences(operations)
        ],
        "operations": dict(sorted(Counter(one.op for one in operations.changes).items())),
        "devices": {
            one.id: {"fate": one.fate, "restarts": [*one.restarts], "starts": [*one.starts], "stops": [*one.stops]}
            for one in devices
        },
    }  # fmt: skip


def _in_order(operations: Operations) -> Iterator[Sentence]:
    devices = fleet(operations)
    at_length = [one for place in places.places(operations) for one in places.at_length(place)]
    yield from losses(operations)
    yield from (one for one in at_length if one.kind == "loss")
    yield from of_models(operations, devices)
    yield from of_layers(operations, devices)
    yield from (one for one in at_length if one.kind != "loss")
    yield from places.awaited(operations)
    yield from of_devices(operations, devices)
    yield from notices(operations)
    yield from unknowns(operations)
    yield from rest(operations, _SPOKEN)


def _everything_new(operations: Operations) -> Iterator[Sentence]:
    devices = fleet(operations)
    yield Sentence("rest", "", f"everything is new: {_all_of('create', 'made', operations)}")
    yield from of_models(operations, devices)
    for place in places.places(operations):
        yield from places.at_length(place)
    yield from of_devices(operations, devices)
    yield from unknowns(operations)


def _count(op: str, operations: Operations) -> Sentence:
    return Sentence("rest", "", f"{_all_of(op, f'{op}d', operations)} in all")


def _all_of(op: str, done: str, operations: Operations) -> str:
    """Pulumi's own summary counts what only holds resources too: components, and the stack."""
    number = sum(one.op == op for one in operations.changes)
    counts = operations.counts.get(op, 0)
    more = f" ({counts} in Pulumi's count, which has the components that hold them)" if counts > number else ""
    return f"{counted(number, 'resource')} {'is' if number == 1 else 'are'} {done}{more}"
