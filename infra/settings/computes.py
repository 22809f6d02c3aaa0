"""Computes of a stack, which of its models train on them, and which are served there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from infra.settings.machines.computes import KubernetesClusterSettings
from infra.settings.serving import DEFAULT_INSTANCE_TYPE, DEFAULT_INSTANCE_TYPE_BOUND, KubernetesSettings
from infra.settings.tree import HERE, PROJECT, Settings
from infra.settings.wording import Problem, refused

OWN_IDENTITIES = ("workspace", "scoring", "online", "kubernetes")
"""Parts of the stack whose identities are called after them, as a cluster's and a machine's are: what had the same name
would have the same rights."""


def misfits(settings: Settings) -> Iterator[Problem]:
    for index, compute in enumerate(settings.computes):
        key = f"{PROJECT}:computes[{index}]"
        if compute.name == HERE:
            yield refused(f"{key}.name", compute.name, "another name: it is what train.on calls this machine")
        if isinstance(compute, KubernetesClusterSettings):
            yield from _ranges(key, compute)
        elif compute.name in OWN_IDENTITIES:
            yield refused(f"{key}.name", compute.name, "another name: the stack has an identity called so")
        elif compute.min_nodes > compute.max_nodes:
            yield refused(f"{key}.minNodes", compute.min_nodes, f"0 to {compute.max_nodes}, which maxNodes is")
    names = [compute.name for compute in settings.training_clusters]
    for index, model in enumerate(settings.models):
        if model.train.on not in (HERE, *names):
            there = " or ".join([HERE, *names])
            more = "" if names else f", or the name of one of {PROJECT}:computes, which has no cluster to train on"
            yield refused(f"{PROJECT}:models[{index}].train.on", model.train.on, f"{there}{more}")
    yield from _served(settings)


def _ranges(key: str, compute: KubernetesClusterSettings) -> Iterator[Problem]:
    for index, given in enumerate(compute.authorized_ip_ranges):
        try:
            ipaddress.IPv4Network(given)
        except ValueError as error:
            yield refused(
                f"{key}.authorizedIpRanges[{index}]", given, f"a range of IPv4 such as 203.0.113.0/24 ({error})"
            )


def _served(settings: Settings) -> Iterator[Problem]:
    """Endpoints of kind kubernetes."""
    clusters = [compute.name for compute in settings.kubernetes_clusters]
    for index, model in enumerate(settings.models):
        for entry, endpoint in enumerate(model.endpoints):
            if isinstance(endpoint, KubernetesSettings):
                yield from _endpoint(f"{PROJECT}:models[{index}].endpoints[{entry}]", endpoint, clusters)


def _endpoint(key: str, endpoint: KubernetesSettings, clusters: list[str]) -> Iterator[Problem]:
    if endpoint.compute not in clusters:
        there = " or ".join(clusters) or f"the name of one of {PROJECT}:computes of kind kubernetes, which has none"
        yield refused(f"{key}.compute", endpoint.compute, there)
    if endpoint.instance_type != DEFAULT_INSTANCE_TYPE:
        return
    most = DEFAULT_INSTANCE_TYPE_BOUND
    for name, given, unit in (("cpu", endpoint.cpu, "cores"), ("memoryGb", endpoint.memory_gb, "GB")):
        if given >= most:
            why = (
                f"less than {most}: the {DEFAULT_INSTANCE_TYPE} of a cluster has {most} {unit}. An InstanceType of "
                "your own, made with kubectl and named by instanceType, allows more"
            )
            yield refused(f"{key}.{name}", given, why)
