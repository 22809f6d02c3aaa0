"""Computes of a stack, and which of its models train on them."""

from __future__ import annotations

from collections.abc import Iterator

from infra.settings.tree import HERE, PROJECT, Settings
from infra.settings.wording import Problem, refused


def misfits(settings: Settings) -> Iterator[Problem]:
    for index, compute in enumerate(settings.computes):
        key = f"{PROJECT}:computes[{index}]"
        if compute.name == HERE:
            yield refused(f"{key}.name", compute.name, "another name: it is what train.on calls this machine")
        if compute.min_nodes > compute.max_nodes:
            yield refused(f"{key}.minNodes", compute.min_nodes, f"0 to {compute.max_nodes}, which maxNodes is")
    names = [compute.name for compute in settings.computes]
    for index, model in enumerate(settings.models):
        if model.train.on not in (HERE, *names):
            there = " or ".join([HERE, *names])
            more = "" if names else f", or the name of one of {PROJECT}:computes, which has none"
            yield refused(f"{PROJECT}:models[{index}].train.on", model.train.on, f"{there}{more}")
