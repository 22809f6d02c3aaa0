"""Layers and devices: what changes of a deployment, who gets it, and what a device notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.forecast import places
from cli.forecast.differences import ABSENT, MODULES, Difference, changes_unseen, differences, listed
from cli.forecast.fleet import DeviceChange, arrival
from cli.forecast.operations import Operation, Operations, is_known
from cli.forecast.sentence import Sentence
from cloud.wording import counted

_ROUTES = "properties.desired.routes."
_MANY = 8
"""Devices that are named; of more the rest is counted."""


def of_layers(operations: Operations, devices: Sequence[DeviceChange]) -> Iterator[Sentence]:
    for one in operations.of("EdgeDeployment"):
        name = one.name
        what = "base deployment" if (one.new or one.old).get("kind") == "base" else f"layer {name}"
        if one.op == "delete":
            yield Sentence("layer", name, f"{what} goes: {_getting(one, devices)}")
        elif one.op == "create":
            yield Sentence("layer", name, f"{what} is new: {_getting(one, devices)}")
        elif why := listed(_worded(each) for each in differences(one.old, one.new) if not _is_models(each)):
            yield Sentence("layer", name, f"{what} changes ({why}): {_getting(one, devices)}")
        elif changes_unseen(one):
            why = "its content, which holds a secret"
            yield Sentence("layer", name, f"{what} changes ({why}): {_getting(one, devices)}")


def of_devices(operations: Operations, devices: Sequence[DeviceChange]) -> Iterator[Sentence]:
    """What is new, what goes, whose key or tags change; and which modules restart where."""
    by_id = {one.id: one for one in devices}
    for one in operations.of("DeviceIdentity"):
        device = str((one.new or one.old).get("deviceId"))
        if one.op == "create":
            told = f"`edgeway device config {device} --out DIR` writes what it needs to connect"
            if one.new.get("keySecret"):
                told = "its virtual machine connects by itself"
            yield Sentence("device", device, f"device {device} is new: {told}; {by_id[device]}")
        elif one.op == "update" and (tags := listed(differences(one.old.get("tags"), one.new.get("tags")))):
            yield Sentence("device", device, f"device {device} has other tags ({tags}): {by_id[device]}")
    quiet = {str(one.new.get("deviceId")) for one in operations.of("DeviceIdentity")}
    changed = [one for one in devices if one.fate == "changed" and one.id not in quiet]
    for noticing in changed[:_MANY]:
        yield Sentence("device", noticing.id, f"device {noticing.id}: {noticing}")
    if len(changed) > _MANY:
        more = counted(len(changed) - _MANY, "more device")
        yield Sentence("device", "", f"{more}: as the layers above say")


def _getting(deployment: Operation, devices: Sequence[DeviceChange]) -> str:
    name = str((deployment.new or deployment.old).get("name"))
    return ", ".join(arrival(devices, [name], "lose" if deployment.op == "delete" else "notice"))


def _is_models(difference: Difference) -> bool:
    """An image of ours: the sentence of its model, or of the image, has said so."""
    if difference.path[-1] != "image":
        return difference.path[0] == "hubHost"
    return not is_known(difference.new) or bool(places.repositories([difference.old]))


def _worded(difference: Difference) -> str:
    """`sensor: MessageDelay 00:00:01 -> 00:00:00.5`."""
    path = difference.path
    if path[-1].startswith(MODULES):
        name = path[-1].removeprefix(MODULES)
        return f"module {name} is new" if difference.old is ABSENT else f"module {name} goes"
    if path[-1].startswith(_ROUTES):
        return f"route {path[-1].removeprefix(_ROUTES)} changes"
    if path[-1] == "value" and "env" in path:
        difference = Difference(path[:-1], difference.old, difference.new)
    module = next((key.rpartition(".")[2] for key in path if key.startswith(MODULES)), "")
    module = module or next((path[index + 1] for index, key in enumerate(path[:-1]) if key == "systemModules"), "")
    return f"{module}: {difference}" if module else str(difference)
