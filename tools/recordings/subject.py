"""What a request is about: a type of ARM's, an action below one, or a data plane."""

from __future__ import annotations

from collections.abc import Sequence

from tools.recordings.cassette import Exchange

ARM = "management.azure.com"
VAULTS = ".vault.azure.net"
NAMESPACES = (
    "Microsoft.Authorization",
    "Microsoft.ContainerInstance",
    "Microsoft.ContainerRegistry",
    "Microsoft.Devices",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.MachineLearningServices",
    "Microsoft.ManagedIdentity",
    "Microsoft.OperationalInsights",
    "Microsoft.Resources",
    "Microsoft.Storage",
)
"""Those of which the stand-in has at least one type."""
GROUPS = "Microsoft.Resources/resourceGroups"


def subject(exchange: Exchange) -> str | None:
    """`Microsoft.Storage/storageAccounts`, `.../listKeys`, `secrets of a vault`; None where it is no type of ours."""
    if exchange.host.endswith(VAULTS):
        first = exchange.path.strip("/").partition("/")[0]
        return f"{first} of a vault" if first in ("secrets", "deletedsecrets") else None
    return _of_arm(exchange.path.strip("/").split("/")) if exchange.host == ARM else None


def _of_arm(segments: Sequence[str]) -> str | None:
    lowered = [segment.lower() for segment in segments]
    if "providers" in lowered:
        start = len(lowered) - 1 - lowered[::-1].index("providers") + 1
        return _of_provider(segments[start:])
    if len(segments) in (3, 4) and lowered[2] == "resourcegroups":
        return GROUPS
    return None


def _of_provider(segments: Sequence[str]) -> str | None:
    """Of `Microsoft.X/type/name/type/name...`."""
    spelt = {one.lower(): one for one in NAMESPACES}
    namespace = spelt.get(segments[0].lower()) if segments else None
    if namespace is None:
        return None
    return "/".join([namespace, *segments[1::2]]) if len(segments) > 1 else f"{namespace} (provider)"


def group_of(exchange: Exchange) -> str | None:
    segments = exchange.path.strip("/").split("/")
    in_group = exchange.host == ARM and len(segments) > 3 and segments[2].lower() == "resourcegroups"
    return segments[3] if in_group else None
