"""Manifests with anything anywhere: a whole one, in which places are drawn and filled with any JSON."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.edge.manifest.create_options import WHOLE
from tests.standin.edgeruntime.agent.virtual_device import agent_desired, module

Place = tuple[Any, str | int]


def anything(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.randrange(9 if depth < 3 else 7)
    if kind == 7:
        return [anything(draw, depth + 1) for _ in range(draw.randrange(3))]
    if kind == 8:
        names = ("Name", "HostPort", "value", "image", "Test", "1883/tcp", "createOptions", "", "x")
        return {draw.choice(names): anything(draw, depth + 1) for _ in range(draw.randrange(3))}
    simple: list[Any] = [
        None,
        True,
        draw.choice([0, -1, 2**70, 1.5, float("inf"), 1e300]),
        "",
        "text",
        "5",
        "ü\u0000\U0001f600",
    ]
    return simple[kind]


def places(value: Any) -> Iterator[Place]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


def spoilt(draw: random.Random, document: Any, times: int) -> Any:
    document = copy.deepcopy(document)
    for _ in range(times):
        holder, key = draw.choice(list(places(document)) or [({}, "x")])
        way = draw.randrange(5)
        if way == 0 and isinstance(holder, dict):
            del holder[key]
        elif way == 1 and isinstance(holder, dict):
            holder[str(key).swapcase()] = holder.pop(key)
        else:
            holder[key] = anything(draw)
    return document


def create_options(draw: random.Random) -> Any:
    """As a text mostly; some are no JSON, some an object."""
    options = spoilt(draw, WHOLE, draw.randrange(3))
    text = json.dumps(options)
    return draw.choice([text, text, text, options, text[: draw.randrange(len(text))], "null", "[]", "5"])


def manifest(draw: random.Random) -> dict[str, Any]:
    """`$edgeAgent`'s desired properties."""
    meter = module(version="1.0", startupOrder=3, env={"A": 1})
    meter["settings"] = {"image": "plant.example.io/meter:1", "createOptions": create_options(draw)}
    desired = agent_desired(meter=meter, other=module())
    desired["runtime"]["settings"]["registryCredentials"] = {
        "plant": {"address": "plant.example.io", "username": "u", "password": "p"}
    }
    made: dict[str, Any] = spoilt(draw, desired, draw.randrange(4))
    return made
