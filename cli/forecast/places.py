"""Serving places: which model each serves, whether it restarts or is replaced, and what is away meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cli.forecast import online
from cli.forecast.differences import differences, listed
from cli.forecast.operations import Operation, Operations, is_known
from cli.forecast.sentence import Sentence
from cli.forecast.words import words_of
from contracts.names import REPOSITORY_PREFIX

NOUNS: Mapping[str, str] = {"ContainerGroup": "group", online.KIND: online.NOUN}
"""By the type's last word: what a place of it is called."""
_VERBS = {
    "update": "restarts", "replace": "is replaced", "create": "is new", "delete": "goes",
    "over": "changes over", "in place": "changes in place",
}  # fmt: skip
_VERBS_OF_MANY = {
    "update": "restart", "replace": "are replaced", "create": "are new", "delete": "go",
    "over": "change over", "in place": "change in place",
}  # fmt: skip
_REPOSITORY = re.compile(rf"/{REPOSITORY_PREFIX}/([a-z0-9_.-]+)[@:]")
_RESTARTING = frozenset({"image", "environmentVariables", "livenessProbe", "readinessProbe", "command"})


def places(operations: Operations) -> list[Operation]:
    """The serving places that change."""
    return [one for noun in NOUNS for one in operations.of(noun)]


def model_of(place: Operation) -> str:
    """The model whose image it runs; a new place, whose image may not be known yet, has its name of the model."""
    served = repositories(place.new) or repositories(place.old)
    return served[0] if served else re.sub(r"-\d+$", "", place.name)


def repositories(inputs: Any) -> list[str]:
    """What of our registry's folder is named anywhere in it: models and images."""
    if isinstance(inputs, Mapping):
        return [name for value in inputs.values() for name in repositories(value)]
    if isinstance(inputs, list):
        return [name for value in inputs for name in repositories(value)]
    return _REPOSITORY.findall(inputs) if isinstance(inputs, str) else []


def in_short(found: list[Operation]) -> list[str]:
    """`group restarts`, `2 groups restart`: what a model's places do, one for each kind of thing."""
    said: dict[tuple[str, str], int] = {}
    for one in found:
        key = NOUNS[one.type.rpartition(":")[2]], _way(one)
        said[key] = said.get(key, 0) + 1
    return [
        f"{noun} {_VERBS[way]}" if many == 1 else f"{many} {noun}s {_VERBS_OF_MANY[way]}"
        for (noun, way), many in said.items()
    ]


def at_length(place: Operation) -> Iterator[Sentence]:
    """Why, where it is not the model's image, and what is away for how long."""
    if _is_online(place):
        yield from online.at_length(place)
        return
    noun = NOUNS[place.type.rpartition(":")[2]]
    words, subject = words_of(place.type), f"{noun} {place.name}"
    if place.op == "create":
        yield Sentence("place", place.name, f"{subject} is new; its address is known when it is there")
    elif place.op == "delete":
        yield Sentence("loss", place.name, f"{subject} is DELETED: nothing answers at {_name(place)} any more")
    elif place.op == "replace":
        why = listed(_reasons(place))
        yield Sentence(
            "place",
            place.name,
            f"{subject} is deleted and made again{f' ({why})' if why else ''}; away meanwhile: {words['down']}",
        )
    elif any(_RESTARTING & {*one.path} for one in differences(place.old, place.new)):
        yield Sentence("place", place.name, f"{subject} restarts in place: {words['restart']}")
    else:
        yield Sentence("place", place.name, f"{subject} changes in place ({listed(_reasons(place))})")


def awaited(operations: Operations) -> Iterator[Sentence]:
    """Places that stay and are waited for all the same, as after an `up` that they had not answered."""
    changed = {one.name for one in places(operations)}
    for one in operations.of("GroupReady", "create", "update"):
        if one.name not in changed:
            yield Sentence("place", one.name, f"group {one.name} stays as it is, and is asked until it answers")


def _is_online(place: Operation) -> bool:
    return place.type.rpartition(":")[2] == online.KIND


def _way(place: Operation) -> str:
    if place.op != "update" or not _is_online(place):
        return place.op
    return "over" if online.changes_over(place) else "in place"


def _reasons(place: Operation) -> list[str]:
    """Not the image, which is the model's; limits follow requests; a secret's new value is said where it is made."""
    found = [one for one in differences(place.old, place.new) if is_known(one.new) and one.path[-1] != "image"]
    return [str(one) for one in found if "limits" not in one.path and "volumes" not in one.path]


def _name(place: Operation) -> str:
    label = (place.old.get("ipAddress") or {}).get("dnsNameLabel")
    return str(label or "its address")
