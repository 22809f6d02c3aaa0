"""What the automatic deployments that target one device amount to. Pure.

1. Base: the standard deployment of the highest priority; of equals the one created last. Standard ones never merge.
2. No base: no layer takes effect.
3. Layers: all layered deployments of a priority strictly above the base's, upwards by priority, then creation time.
4. Each section key sets its path as a whole: a later layer's module or route replaces the earlier one, nothing merges
   below it; `properties.desired` replaces everything that was set for that module before.
5. On a twin, a deployment is *Applied* where something it set is left, and *Targeted* where it is for the device but is
   not merged, is overridden, or (on `$edgeAgent`'s twin) sets nothing there.

https://learn.microsoft.com/azure/iot-edge/module-deployment-monitoring
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standin.iothub.configurations.content import ModulesContent, desired_path, is_layered
from standin.iothub.registry.identity import EDGE_AGENT_MODULE

APPLIED, TARGETED = "Applied", "Targeted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A deployment whose target condition is true for the device. `created` sorts as text (ISO 8601, UTC)."""

    id: str
    priority: int
    created: str
    content: ModulesContent


@dataclass(frozen=True, slots=True)
class Assignment:
    """One section key: `path` below the desired properties, () for all of them."""

    origin: str
    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePlan:
    """What becomes of one module's twin. Without an assignment at () the rest of its desired properties survives."""

    assignments: tuple[Assignment, ...]
    statuses: Mapping[str, str]

    def desired(self, current: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = copy.deepcopy(dict(current))
        for assignment in self.assignments:
            value = copy.deepcopy(assignment.value)
            if assignment.path:
                _put(result, assignment.path, value)
            else:
                result = dict(value)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`base` is None where nothing takes effect; modules then carry statuses only."""

    base: str | None
    modules: Mapping[str, ModulePlan]


def merge(candidates: Iterable[Candidate]) -> Plan:
    ordered = sorted(candidates, key=lambda candidate: (candidate.priority, candidate.created, candidate.id))
    bases = [candidate for candidate in ordered if not is_layered(candidate.content)]
    if not bases:
        return Plan(base=None, modules=_plans(ordered, []))
    base = bases[-1]
    layers = [
        candidate for candidate in ordered if is_layered(candidate.content) and candidate.priority > base.priority
    ]
    return Plan(base=base.id, modules=_plans(ordered, [base, *layers]))


def _plans(candidates: Sequence[Candidate], merged: Sequence[Candidate]) -> dict[str, ModulePlan]:
    modules = {module for candidate in candidates for module in candidate.content}
    return {module: _plan(module, candidates, merged) for module in sorted(modules)}


def _plan(module: str, candidates: Sequence[Candidate], merged: Sequence[Candidate]) -> ModulePlan:
    assignments: list[Assignment] = []
    for candidate in merged:
        for new in _assignments(candidate, module):
            assignments = [old for old in assignments if old.path[: len(new.path)] != new.path]
            assignments.append(new)
    left = {assignment.origin for assignment in assignments}
    statuses = {
        candidate.id: APPLIED if candidate.id in left else TARGETED
        for candidate in candidates
        if module == EDGE_AGENT_MODULE or candidate.content.get(module)
    }
    return ModulePlan(assignments=tuple(assignments), statuses=statuses)


def _assignments(candidate: Candidate, module: str) -> list[Assignment]:
    section = candidate.content.get(module, {})
    assignments = [Assignment(candidate.id, desired_path(key), value) for key, value in section.items()]
    # within one section the longer path is the more specific one, in whatever order the keys were written
    return sorted(assignments, key=lambda assignment: len(assignment.path))


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *parents, last = path
    for name in parents:
        inner = values.get(name)
        if not isinstance(inner, dict):
            inner = values[name] = {}
        values = inner
    values[last] = value
