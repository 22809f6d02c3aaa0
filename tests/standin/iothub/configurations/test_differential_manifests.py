"""What the preview takes of a manifest the hub takes, the agent reads, and the edge hub obeys: drawn by seed.

A whole base and a whole layer, in which places are taken out, renamed or filled with any JSON. `make test-long` draws
thousands. The other way round is not asked: the preview refuses more, such as images that move.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from edge.manifest import AGENT, HUB, chunked, merge, validate
from standin.core.errors import ServiceError
from standin.edgeruntime.agent.deployment import DeploymentError, read_deployment
from standin.edgeruntime.hub.domain.routing.configuration import read_configuration
from standin.iothub.configurations.configuration import configuration_request
from standin.iothub.configurations.merge import merge as hub_merge
from tests.edge.manifest.create_options import WHOLE
from tests.edge.manifest.manifests import base, layer
from tests.standin.edgeruntime.agent.any_manifest import places, spoilt

DEVICE = {"deviceId": "edge-01", "capabilities": {"iotEdge": True}}
DESIRED = "properties.desired"


def whole_base() -> dict[str, Any]:
    content = base()
    content[AGENT][DESIRED]["modules"]["meter"] = {
        "type": "docker",
        "version": "1.0",
        "status": "running",
        "restartPolicy": "on-failure",
        "imagePullPolicy": "never",
        "startupOrder": 2,
        "settings": {"image": "plant.example.io/meter:1.0.0", **chunked(WHOLE)},
        "env": {"A": {"value": 1}, "B": {"value": "text"}, "C": {"value": True}},
    }
    content[AGENT][DESIRED]["systemModules"]["edgeHub"]["settings"]["createOptions"] = {
        "HostConfig": {"PortBindings": {"8883/tcp": [{"HostPort": "8883"}]}}
    }
    content[HUB][DESIRED]["routes"] = {
        "up": "FROM /messages/modules/meter/* INTO $upstream",
        "detailed": {"route": "FROM /messages/* INTO $upstream", "priority": 3, "timeToLiveSecs": 60},
    }
    return {**content, "meter": {DESIRED: {"interval": 5, "names": ["a", "b"], "deep": {"a": {"b": 1.5}}}}}


def whole_layer() -> dict[str, Any]:
    content = layer()
    settings = f"{DESIRED}.runtime.settings"
    content[AGENT][f"{settings}.registryCredentials.plant"] = {"address": "a", "username": "u", "password": "p"}
    content[AGENT][f"{settings}.loggingOptions"] = ""
    content[HUB][f"{DESIRED}.storeAndForwardConfiguration.timeToLiveSecs"] = 3600
    return {**content, "scorer": {f"{DESIRED}.thresholds": {"low": 1}, f"{DESIRED}.mode": "fast"}}


def configuration(content: dict[str, Any], priority: int) -> Any:
    body = {"content": {"modulesContent": content}, "targetCondition": "*", "priority": priority}
    return configuration_request(f"c{priority}", body)


def followed_through(base_content: dict[str, Any], layer_content: dict[str, Any]) -> None:
    """From the hub's door to both readers on the device; raises what any of them refuses."""
    both = [configuration(base_content, 10), configuration(layer_content, 20)]
    theirs = {name: plan.desired({}) for name, plan in hub_merge(one.candidate() for one in both).modules.items()}
    read_deployment(theirs[AGENT])
    read_configuration(theirs[HUB])
    shown = [
        {"id": one.id, "content": {"modulesContent": one.content}, "targetCondition": "*", "priority": one.priority}
        for one in both
    ]
    ours = merge(shown, DEVICE).desired
    assert {name: value for name, value in ours.items() if value} == {k: v for k, v in theirs.items() if v}


_LIKELY: list[Any] = [
    *(0, 1, 9, -1, 4294967295, 1.0, True, "", "1.0", "1.2", "v1.25", "stopped", "never", "always", "on-create"),
    *("null", "{}", {}, [], {"value": 5}, {"a": 1}, {"HostConfig": {"Memory": 1}}, "FROM /* INTO $upstream"),
]


def nudged(draw: random.Random, content: dict[str, Any]) -> dict[str, Any]:
    """With one place holding what some place may hold."""
    holder, key = draw.choice([place for place in places(content) if place[0] is not content])
    if draw.randrange(4):
        holder[key] = copy.deepcopy(draw.choice(_LIKELY))
    else:
        del holder[key]
    return content


def changed(draw: random.Random, content: dict[str, Any]) -> dict[str, Any]:
    if draw.randrange(3):
        return nudged(draw, content)
    made: dict[str, Any] = spoilt(draw, content, 1)
    return made


def follow_many(seed: int, count: int) -> int:
    draw = random.Random(seed)
    taken = 0
    for _ in range(count):
        one, other = whole_base(), whole_layer()
        if draw.randrange(2):
            one = changed(draw, one)
        else:
            other = changed(draw, other)
        if validate(one, "base") or validate(other, "layer"):
            continue
        taken += 1
        try:
            followed_through(one, other)
        except (ServiceError, DeploymentError) as refusal:
            raise AssertionError(f"the preview takes it, and then: {refusal}\n{one}\n{other}") from refusal
    return taken


def test_a_whole_base_and_a_whole_layer_are_taken_by_all() -> None:
    assert validate(whole_base(), "base") == [] == validate(whole_layer(), "layer")
    followed_through(whole_base(), whole_layer())


def test_what_the_preview_takes_goes_through() -> None:
    assert follow_many(seed=1, count=40) > 4


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 6))
def test_what_the_preview_takes_goes_through_thousands_of_times(seed: int) -> None:
    assert follow_many(seed, count=1_500)


def take_many(seed: int, count: int) -> int:
    """Requests with anything anywhere: refused in the hub's own way, or kept, and then merged by both sides."""
    draw = random.Random(seed)
    taken = 0
    for number in range(count):
        content = whole_base() if number % 2 else whole_layer()
        body = {"content": {"modulesContent": content}, "targetCondition": "tags.a = 1", "priority": 10, "labels": {}}
        try:
            kept = configuration_request("a", spoilt(draw, body, draw.randrange(1, 4)))
        except ServiceError:
            continue
        taken += 1
        hub_merge([kept.candidate()])
        merge([{"id": "a", "content": {"modulesContent": kept.content}, "targetCondition": "*"}], DEVICE)
    return taken


def test_whatever_a_hub_keeps_is_merged_by_both() -> None:
    assert 20 < take_many(seed=1, count=60) < 60


@pytest.mark.long
def test_whatever_a_hub_keeps_is_merged_by_both_thousands_of_times() -> None:
    assert take_many(seed=2, count=6_000)
