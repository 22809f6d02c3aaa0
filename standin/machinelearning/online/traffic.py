"""Shares of an endpoint's deployments: which are right, and who gets a request. Pure.

https://learn.microsoft.com/rest/api/azureml/online-endpoints/create-or-update#onlineendpointproperties
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

_MOST_MIRRORED = 50


def problem_of_traffic(traffic: object, deployments: Collection[str]) -> str | None:
    """None where it is right: whole per cents of deployments that are there, together 0 or 100."""
    problem = _problem_of_map(traffic, deployments)
    if problem is not None or not isinstance(traffic, Mapping):
        return problem
    together = sum(traffic.values())
    if together not in (0, 100):
        return f"Traffic values need to sum to 0 or 100, and these sum to {together}: {_spelt(traffic)}."
    return None


def problem_of_mirror(mirror: object, traffic: Mapping[str, int], deployments: Collection[str]) -> str | None:
    """One deployment at the most, with no live traffic of its own, and no more than half of the requests."""
    problem = _problem_of_map(mirror, deployments)
    if problem is not None or not isinstance(mirror, Mapping):
        return problem
    mirrored = {name: share for name, share in mirror.items() if share}
    if len(mirrored) > 1:
        return f"Traffic can be mirrored to one deployment only, and this mirrors to several: {_spelt(mirrored)}."
    for name, share in mirrored.items():
        if share > _MOST_MIRRORED:
            return f"Mirror traffic values need to sum to {_MOST_MIRRORED} at the most, and '{name}' has {share}."
        if traffic.get(name):
            return f"Traffic cannot be mirrored to '{name}': it takes {traffic[name]} per cent of the live traffic."
    return None


def chosen(traffic: Mapping[str, int], draw: Callable[[], float]) -> str | None:
    """The deployment of one request; None where none has a share. `draw` gives a number from 0 up to 1, without 1."""
    point = draw() * sum(traffic.values())
    for name, share in traffic.items():
        point -= share
        if point < 0:
            return name
    return None


def _problem_of_map(shares: object, deployments: Collection[str]) -> str | None:
    if not isinstance(shares, Mapping):
        return f"Traffic is a map of deployments to per cents, and this is {shares!r}."
    for name, share in shares.items():
        if isinstance(share, bool) or not isinstance(share, int) or not 0 <= share <= 100:
            return f"The traffic of '{name}' is {share!r}, allowed: whole numbers from 0 to 100."
        if name not in deployments:
            there = ", ".join(f"'{one}'" for one in sorted(deployments)) or "none"
            return f"The deployment '{name}' in the traffic does not exist. Deployments of the endpoint: {there}."
    return None


def _spelt(shares: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {share}" for name, share in shares.items())
