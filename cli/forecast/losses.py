"""What is deleted or replaced: what is lost for good, what is away meanwhile, and what others must take anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.forecast.differences import listed
from cli.forecast.operations import Operation, Operations, is_known
from cli.forecast.sentence import Sentence
from cli.forecast.words import short, words_of
from cloud.wording import counted

_NEW_SECRETS = {
    "Key": "the scoring key of {name} is new: clients need it from then on (`edgeway invoke` reads it itself)",
    "Certificate": "the certificate of {name} is new: a client that has pinned the old one must take the new one",
    "TokenPassword": "the password that devices pull with is new: they get it with the base deployment",
}
_NAMES = {
    "IotHubResource": (("resourceName",), "the name of the hub, which devices connect to,"),
    "Registry": (("registryName",), "the name of the registry"),
    "ContainerGroup": (("ipAddress", "dnsNameLabel"), "the host name at which {name} is served"),
}
"""What others have written down, by the input that holds it."""
_MISSED = frozenset({"IotHubResourceEventHubConsumerGroup", "UserAssignedIdentity", "Token"})
"""Types that hold nothing, and whose absence others notice."""
_SIZE = ("hardwareProfile", "vmSize")
_MANY = 8
_HIDDEN = frozenset({"Purge", "GroupReady", "OnlineEndpoint", "EnvironmentVersion"})
"""They have no being of their own: the sentence is that of what is purged, waited for, or served there."""


def losses(operations: Operations) -> Iterator[Sentence]:
    """The whole environment is one sentence; within it only its devices need one each."""
    found = [one for one in operations.changes if one.op in ("delete", "replace") and "lost" in words_of(one.type)]
    if _is_whole(operations):
        found = [one for one in found if short(one.type) in ("ResourceGroup", "DeviceIdentity")]
    devices = [one for one in found if short(one.type) == "DeviceIdentity"]
    yield from (_loss(_called(one), "is", one) for one in found if one not in devices)
    for op in ("delete", "replace"):
        if alike := [one for one in devices if one.op == op]:
            names = listed((one.name for one in alike), _MANY)
            several = len(alike) > 1
            yield _loss(f"device{'s' * several} {names}", "are" if several else "is", alike[0])


def _loss(what: str, verb: str, one: Operation) -> Sentence:
    words = words_of(one.type)
    fate = f"DELETED; lost for good: {words['lost']}"
    if one.op == "replace":
        fate = f"DELETED AND MADE AGAIN; lost or away: {words['down']}"
    return Sentence("loss", one.name, f"{what} {verb} {fate}")


def notices(operations: Operations) -> Iterator[Sentence]:
    """Keys and names that others use, and what else is away while it is replaced."""
    for kind, text in _NEW_SECRETS.items():
        for one in operations.of(kind, "update", "replace"):
            yield Sentence("notice", one.name, text.format(name=one.name))
    for kind, (path, text) in _NAMES.items():
        for one in operations.of(kind, "update", "replace"):
            old, new = _at(one.old, path), _at(one.new, path)
            if old and new and is_known(new) and old != new:
                yield Sentence("notice", one.name, f"{text.format(name=one.name)} changes: {old} -> {new}")
    if _is_whole(operations):
        return
    for one in filter(_is_resized, operations.changes):
        sizes = f"{_at(one.old, _SIZE)} -> {_at(one.new, _SIZE)}"
        yield Sentence(
            "notice", one.name, f"{_called(one)} gets another size ({sizes}): {words_of(one.type)['restart']}"
        )
    for one in operations.changes:
        down = words_of(one.type).get("down", "nothing")
        if one.op == "replace" and short(one.type) in _MISSED and not down.startswith("nothing"):
            yield Sentence("notice", one.name, f"{_called(one)} is replaced; away meanwhile: {down}")


def _at(inputs: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        inputs = inputs.get(key) if isinstance(inputs, Mapping) else None
    return inputs


def _is_whole(operations: Operations) -> bool:
    return bool(operations.of("ResourceGroup", "delete", "replace"))


def rest(operations: Operations, spoken: frozenset[str]) -> Iterator[Sentence]:
    """Everything that no sentence is about, counted and named by its type."""
    if _is_whole(operations):
        number = sum(one.op == "replace" for one in operations.changes)
        yield Sentence(
            "rest", "", f"{counted(number, 'resource')} {'is' if number == 1 else 'are'} deleted and made again in all"
        )
        return
    ways = {"create": "made", "update": "changed in place", "replace": "replaced", "delete": "deleted"}
    for op, done in ways.items():
        names: dict[str, list[str]] = {}
        for one in operations.changes:
            if one.op == op and short(one.type) not in spoken | _HIDDEN and not _is_told(one):
                names.setdefault(short(one.type), []).append(one.name)
        number = sum(map(len, names.values()))
        if number:
            listing = ", ".join(f"{kind} ({', '.join(sorted(names[kind]))})" for kind in sorted(names))
            yield Sentence("rest", "", f"beside that {done}: {listing if number <= _MANY else f'{number} resources'}")


def _is_told(one: Operation) -> bool:
    """Whether a loss or a notice is about it."""
    if (one.op == "replace" and short(one.type) in _MISSED) or _is_resized(one):
        return True
    return one.op in ("replace", "delete") and "lost" in words_of(one.type)


def _is_resized(one: Operation) -> bool:
    """A machine in place: what else changes of one is not noticed."""
    return short(one.type) == "VirtualMachine" and one.op == "update" and _at(one.old, _SIZE) != _at(one.new, _SIZE)


def _called(one: Operation) -> str:
    return {
        "ResourceGroup": "the whole environment",
        "IotHubResource": "the IoT hub",
        "Registry": "the container registry",
        "Vault": "the key vault",
        "StorageAccount": "the storage account",
        "Component": "Application Insights",
        "DeviceIdentity": f"device {one.name}",
        "VirtualMachine": f"the machine of device {one.name}",
        "IotHubResourceEventHubConsumerGroup": "the hub's consumer group",
        "UserAssignedIdentity": f"the identity {one.name}",
        "Token": "the registry token of devices",
        "operationalinsights:Workspace": "the log workspace",
        "machinelearningservices:Workspace": "the ML workspace",
    }.get(short(one.type), f"{short(one.type)} {one.name}")
