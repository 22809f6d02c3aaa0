"""`validate`: what IoT Hub or the device would refuse in a deployment's `modulesContent`, found before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from edge.manifest.modules import AGENT, HUB, module_names
from edge.manifest.problem import Findings, Path, Problem, dotted
from edge.manifest.rules.agent import AGENT_DESIRED
from edge.manifest.rules.hub import hub_desired
from edge.manifest.rules.layer import DESIRED, check_layer, module_twin_name
from edge.manifest.rules.shape import Walk, an_object, is_object
from edge.manifest.rules.twin import check_desired, unwritable

Kind = Literal["base", "layer"]

BASE_PRIORITY = 10
FIRST_LAYER_PRIORITY = 20
PRIORITY_STEP = 10  # a deployment's content changes hands at nominal + 1, so neighbours keep their distance
_HIGHEST_PRIORITY = 2**31 - 2  # an int32 in the hub's REST API, with room for nominal + 1


def validate(
    content: Any,
    kind: Kind,
    *,
    known_modules: Collection[str] = (),
    is_unknown: Callable[[object], bool] = lambda value: False,
) -> list[Problem]:
    """`content` is what stands under `modulesContent`. `known_modules` are those that a layer's routes may name
    besides its own. Values for which `is_unknown` says yes (an engine's preview) are passed over."""
    findings = Findings()
    walk = Walk(findings, is_unknown)
    if is_unknown(content):
        return []
    # such values have no line to show, and no other rule can look at them
    if unreadable := [Problem(dotted(path), reason) for path, reason in unwritable(content)]:
        return unreadable
    if is_object(walk, (), content):
        if "modulesContent" in content:
            walk.add(("modulesContent",), "give what stands under modulesContent, not the whole configuration content")
        else:
            (_base if kind == "base" else check_layer)(walk, content, known_modules)
    return findings.problems(content, is_unknown)


def priority_problem(kind: Kind, priority: int) -> str | None:
    """Why a priority cannot work: a layer counts only above its base, and both move up by one while content changes."""
    if kind == "base" and not 0 <= priority < FIRST_LAYER_PRIORITY - 1:
        return (
            f"priority {priority} is refused for a base; 0 to {FIRST_LAYER_PRIORITY - 2} leaves room under the layers"
        )
    if kind == "layer" and priority < FIRST_LAYER_PRIORITY:
        return (
            f"priority {priority} is refused for a layer: it takes effect only above its base; "
            f"{FIRST_LAYER_PRIORITY} or more is wanted"
        )
    if priority > _HIGHEST_PRIORITY:
        return f"priority {priority} is refused; {_HIGHEST_PRIORITY} is the highest"
    return None


def _base(walk: Walk, content: Mapping[str, Any], known_modules: Collection[str]) -> None:
    modules = {*module_names(content), *known_modules}
    rules = {AGENT: AGENT_DESIRED, HUB: hub_desired(modules)}
    for twin in (AGENT, HUB):
        if twin not in content:
            walk.add((), f"{twin} is missing: a base deployment sets both system modules' properties")
    for twin, section in content.items():
        path: Path = (twin,)
        if walk.is_unknown(section) or not is_object(walk, path, section):
            continue
        for key in section:
            if key != DESIRED:
                walk.add(
                    (*path, key), f"the key {key!r} is refused in a base; {DESIRED!r} is wanted (dots make a layer)"
                )
        if twin not in rules:
            module_twin_name(walk, path, twin, modules)
        elif DESIRED not in section:
            walk.add(path, f"the key {DESIRED!r} is missing")
        if DESIRED in section:  # a module's section may be empty, as it is in what a hub exports
            walk.check(rules.get(twin, an_object), (*path, DESIRED), section[DESIRED])
            check_desired(walk, (*path, DESIRED), section[DESIRED])
