"""Our plan (edge.manifest) and Azure's side (standin.iothub) were written apart: where both speak, they must agree."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge.manifest.merge import merge as planned_merge
from standin.iothub.configurations.merge import APPLIED, merge
from tests.standin.iothub.deployments import body, candidate, layer, standard

DEVICE: dict[str, Any] = {
    "deviceId": "edge-01",
    "tags": {"model": "anomaly", "n": 9, "t": True, "z": None, "deep": {"a": "x"}},
    "properties": {"reported": {"gpu": True, "name": "it's"}},
    "capabilities": {"iotEdge": True},
}

_NAMES = st.sampled_from(["m", "n"])
_MODULES = st.dictionaries(_NAMES, st.sampled_from([{"image": "one"}, {"image": "two", "env": {}}]), min_size=1)
_ROUTES = st.dictionaries(st.sampled_from(["r", "s"]), st.sampled_from(["FROM /* INTO $upstream", {"route": "x"}]))
# shorter paths first: the plan goes by the order of the keys, the hub by their length
_DEEP = st.fixed_dictionaries(
    {}, optional={"properties.desired.a": st.just({"b": 1}), "properties.desired.a.b": st.integers(2, 4)}
).map(lambda section: dict(sorted(section.items())))
_WHOLE = st.sampled_from([{}, {"properties.desired": {"a": {"c": 1}}}, {"properties.desired": {"d": 2}}])


@st.composite
def _configurations(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            content = standard(draw(_MODULES), draw(_ROUTES), m=draw(_WHOLE))
        else:
            content = layer(draw(_MODULES), draw(_ROUTES), m=draw(_DEEP | _WHOLE))
        created = f"2026-01-0{draw(st.integers(1, 2))}T00:00:0{number}Z"
        entry = body(content, condition="*", priority=draw(st.integers(8, 12)))
        found.append(entry | {"id": f"c{number}", "createdTimeUtc": created})
    return found


@given(_configurations())
def test_both_sides_merge_to_the_same_twins(configurations: list[dict[str, Any]]) -> None:
    ours = planned_merge([one | {"targetCondition": "deviceId != ''"} for one in configurations], DEVICE)
    theirs = merge(
        candidate(one["id"], one["priority"], one["content"]["modulesContent"], one["createdTimeUtc"])
        for one in configurations
    )
    assert ours.base == theirs.base
    desired = {module: plan.desired({}) for module, plan in theirs.modules.items() if plan.assignments}
    assert {module: value for module, value in ours.desired.items() if value} == {
        module: value for module, value in desired.items() if value
    }
    # the plan counts a merged layer as applied even where a later one overrides all of it
    for module, plan in theirs.modules.items():
        for id_, status in plan.statuses.items():
            assert status != APPLIED or ours.standings[module][id_] == APPLIED
