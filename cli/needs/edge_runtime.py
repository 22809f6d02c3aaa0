"""Whether the IoT Edge version that a stack names is there, and whether a newer patch is out.

Asked of Microsoft's registry, which answers everybody: https://mcr.microsoft.com/v2/<repository>/tags/list. Where it is
not reached, nothing is missing: devices pull from it, this machine does not.
"""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Collection

from cli.needs.need import Need
from cli.stack.file import stack_config

REGISTRY = "mcr.microsoft.com"
REPOSITORIES = ("azureiotedge-agent", "azureiotedge-hub")
_NAME = "edge runtime"
_REMEDY = "set edgeway:edgeRuntime to a version that agent and hub are published in"
_TIMEOUT_SECONDS = 5
_PATCH = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def needs(stack: str, address: str = f"https://{REGISTRY}") -> list[Need]:
    return [edge_runtime(str(stack_config(stack).get("edgeRuntime", "")), lambda name: tags(address, name))]


def edge_runtime(named: str, tags: Callable[[str], Collection[str]]) -> Need:
    """`tags` gives those of a repository; raises OSError or ValueError."""
    try:
        published = set.intersection(*(set(tags(repository)) for repository in REPOSITORIES))
    except (OSError, ValueError) as error:
        found = f"{named}; {REGISTRY} does not answer here ({error}), so whether a newer patch is out is not known"
        return Need(name=_NAME, ok=True, found=found)
    if named not in published:
        found = f"{named} is not published; the newest is {_newest(published, '') or 'none'}"
        return Need(name=_NAME, ok=False, found=found, remedy=_REMEDY, needed_by="devices")
    newest = _newest(published, named)
    newer = f"; {newest} is out: edgeway:edgeRuntime takes it" if newest and newest != named else ""
    return Need(name=_NAME, ok=True, found=f"{named}{newer}")


def tags(address: str, repository: str) -> list[str]:
    with urllib.request.urlopen(f"{address}/v2/{repository}/tags/list", timeout=_TIMEOUT_SECONDS) as answer:
        found = json.load(answer).get("tags")
    if not isinstance(found, list):
        raise ValueError(f"{repository} has no list of tags")
    return [str(tag) for tag in found]


def _newest(published: Collection[str], named: str) -> str | None:
    """The highest exact version; of the line (1.6) of `named`, where that is a version."""
    versions = [tuple(map(int, one.groups())) for tag in published if (one := _PATCH.fullmatch(tag))]
    if mine := _PATCH.fullmatch(named):
        versions = [one for one in versions if one[:2] == (int(mine[1]), int(mine[2]))]
    return ".".join(map(str, max(versions))) if versions else None
