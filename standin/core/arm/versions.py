"""The api-versions that each type ever had: a version that never was is refused, as Azure refuses it.

https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types
`versions.json` was read off the folders of Azure/bicep-types-az (2026-08-20), what it lacks off azure-rest-api-specs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from standin.core.arm.errors import InvalidApiVersion, MissingApiVersion, NoRegisteredProviderFound

_TABLE = Path(__file__).with_name("versions.json")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?")
_SUBSCRIPTIONS = "microsoft.resources/subscriptions"


@cache
def _table() -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {name.lower(): versions for name, versions in table.items()}


def versions_of(resource_type: str) -> list[str]:
    """Oldest first. A type that has none of its own has its namespace's."""
    return _table().get(resource_type.lower()) or of_namespace(resource_type.partition("/")[0])


def of_namespace(namespace: str) -> list[str]:
    of_types = (versions for name, versions in _table().items() if name.startswith(namespace.lower() + "/"))
    return sorted({version for versions in of_types for version in versions})


def check_version(version: str | None, path: str) -> None:
    """Against the type that the path is about; a namespace that nobody knows is refused later, in other words."""
    if not version:
        raise MissingApiVersion
    known = versions_of(type_of(path))
    if not _DATE.fullmatch(version):
        raise InvalidApiVersion(version, known or _table()[_SUBSCRIPTIONS])
    if version in known or not known:
        return
    if type_of(path) in (_SUBSCRIPTIONS, "microsoft.resources/resourcegroups"):
        raise InvalidApiVersion(version, known)
    raise NoRegisteredProviderFound(type_of(path), version, known)


def type_of(path: str) -> str:
    """In lower case; of a list, an action or an operation it is the nearest type that has versions."""
    segments = [word for word in path.lower().split("/") if word]  # a client leaves a parent out as //
    starts = [index for index, word in enumerate(segments) if word == "providers" and index % 2 == 0]
    if starts and len(segments) > starts[-1] + 2:
        namespace, *below = segments[starts[-1] + 1 :]
        if below in (["register"], ["unregister"]):
            return _SUBSCRIPTIONS
        return _nearest(namespace, below[0::2])
    return "microsoft.resources/resourcegroups" if "resourcegroups" in segments[2:3] else _SUBSCRIPTIONS


def _nearest(namespace: str, words: Sequence[str]) -> str:
    for end in range(len(words), 0, -1):
        name = "/".join([namespace, *words[:end]])
        if name in _table():
            return name
    return "/".join([namespace, *words[:1]])
