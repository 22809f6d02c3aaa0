"""Deployments as users have them, and any number of drawn ones."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from typing import Any

from edge.manifest import AGENT, HUB, chunked
from edge.manifest.create_options import split_utf8

DESIRED = "properties.desired"
RUNTIME: Mapping[str, Any] = {"type": "docker", "settings": {"minDockerVersion": "v1.25", "loggingOptions": ""}}
SYSTEM: Mapping[str, Any] = {
    "edgeAgent": {"type": "docker", "settings": {"image": "mcr.microsoft.com/azureiotedge-agent:1.5"}},
    "edgeHub": {
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        "settings": {"image": "mcr.microsoft.com/azureiotedge-hub:1.5"},
    },
}
STORED = {"timeToLiveSecs": 7200}


def module(image: str = "mcr.microsoft.com/plant/meter:1.0.0", **other: Any) -> dict[str, Any]:
    settings = {"image": image, "createOptions": "{}"}
    return {"type": "docker", "status": "running", "restartPolicy": "always", "settings": settings, **other}


def standard(
    modules: Mapping[str, Any], routes: Mapping[str, Any], twins: Mapping[str, Any] | None = None, version: str = "1.1"
) -> dict[str, Any]:
    """`modulesContent` of a base."""
    agent = {"schemaVersion": version, "runtime": RUNTIME, "systemModules": SYSTEM, "modules": modules}
    hub = {"schemaVersion": version, "routes": routes, "storeAndForwardConfiguration": STORED}
    made = {AGENT: {DESIRED: agent}, HUB: {DESIRED: hub}}
    return copy.deepcopy({**made, **{name: {DESIRED: value} for name, value in (twins or {}).items()}})


def layered(
    modules: Mapping[str, Any], routes: Mapping[str, Any], twins: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {AGENT: {f"{DESIRED}.modules.{name}": one for name, one in modules.items()}}
    if routes:
        made[HUB] = {f"{DESIRED}.routes.{name}": one for name, one in routes.items()}
    return copy.deepcopy({**made, **{name: {DESIRED: value} for name, value in (twins or {}).items()}})


def good() -> dict[str, Any]:
    up = "FROM /messages/modules/meter/outputs/* INTO $upstream"
    return standard({"meter": module()}, {"up": up}, {"meter": {"interval": 5}})


def drawn(seed: int) -> dict[str, Any]:
    """A good deployment, of either kind and of either schema; the same seed draws the same."""
    draw = random.Random(seed)
    names = draw.sample(_NAMES, draw.randint(1, 4))
    is_layered = draw.random() < 0.5
    version = "1.1" if is_layered else draw.choice(["1.0", "1.1"])
    modules = {name: _module(draw) for name in names}
    routes = {f"r{number}": _route(draw, names, version) for number in range(draw.randint(0, 3))}
    twins = {name: {word: _value(draw, 3) for word in draw.sample(_WORDS, 3)} for name in names if draw.random() < 0.5}
    if not is_layered:
        return standard(modules, routes, twins, version)
    content = layered(modules, routes, twins)
    for name in names:
        if name not in twins and draw.random() < 0.3:
            content[name] = {f"{DESIRED}.part.{word}": _value(draw, 2) for word in draw.sample(_WORDS, 2)}
    return content


_NAMES = [
    "meter",
    "SimulatedTemperatureSensor",
    "a-b",
    "a_b",
    "aB",
    "class",
    "x1",
    "x_1",
    "1st",
    "_",
    "content",
    "Image",
]
_WORDS = ["interval", "Threshold", "größe", "from", "levels", "ＮＡＭＥ", "x"]
_TEXTS = [
    "",
    "plain",
    "it's",
    'say "x"',
    "tab\tand\nline",
    "\\back\\slash",
    "{curly}",
    "Grüße ☀",
    "\u202eright",
    "x" * 300,
    "$1",
]


def _module(draw: random.Random) -> dict[str, Any]:
    made = module(
        draw.choice(["mcr.microsoft.com/plant/meter:1.0.0", "plant.example/x@sha256:" + "a" * 64, "nginx:1.25"])
    )
    options = _options(draw)
    style = draw.choice(["text", "chunks", "object", "none"])
    if style == "chunks":
        pieces = split_utf8(json.dumps(options), 40)
        keys = ["createOptions", *(f"createOptions{number:02d}" for number in range(1, len(pieces)))]
        made["settings"] |= dict(zip(keys, pieces, strict=True)) if len(pieces) <= 100 else chunked(options)
    elif style == "none":
        del made["settings"]["createOptions"]
    else:
        made["settings"]["createOptions"] = options if style == "object" else json.dumps(options, indent=2)
    if draw.random() < 0.5:
        values = [*_TEXTS, 5, -1.5, True]
        made["env"] = {word: {"value": draw.choice(values)} for word in draw.sample(["MODE", "Count", "Größe"], 2)}
    for key, values in _OPTIONAL.items():
        if draw.random() < 0.4:
            made[key] = draw.choice(values)
    return made


_OPTIONAL: Mapping[str, list[Any]] = {
    "version": ["1.0", "2.7", ""],
    "status": ["running", "stopped"],
    "restartPolicy": ["never", "on-failure", "on-unhealthy", "always"],
    "imagePullPolicy": ["on-create", "never"],
    "startupOrder": [0, 3, 4294967295, 2.0],
}


def _options(draw: random.Random) -> dict[str, Any]:
    every: dict[str, Any] = {
        "Env": [f"MODE={draw.choice(_TEXTS)}"],
        "ExposedPorts": {"80/tcp": {}},
        "Labels": {"com.example.a": draw.choice(_TEXTS)},
        "Cmd": [draw.choice(_TEXTS), "--fast"],
        "HostConfig": {
            "PortBindings": {"80/tcp": [{"HostPort": "8080"}]},
            "Binds": ["/data:/data:ro"],
            "Memory": 64 * 1024 * 1024,
            "DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}],
        },
    }
    return {key: every[key] for key in draw.sample(list(every), draw.randint(0, len(every)))}


def _route(draw: random.Random, names: list[str], version: str) -> Any:
    source = draw.choice([name for name in names if name not in ("1st", "_")] or ["*"])
    where = draw.choice(["", " WHERE level = 'high'", ' WHERE as_number(level) > 25 AND $body.x = "a"'])
    path = "/messages/*" if source == "*" else f"/messages/modules/{source}/outputs/*"
    sink = f'BrokeredEndpoint("/modules/{source}/inputs/in")' if draw.random() < 0.5 and source != "*" else "$upstream"
    text = f"FROM {path}{where} INTO {sink}"
    if version == "1.0" or draw.random() < 0.5:
        return text
    extra = {"priority": draw.randint(0, 9), "timeToLiveSecs": draw.choice([0, 60, 86400])}
    return {"route": text, **{key: extra[key] for key in draw.sample(list(extra), draw.randint(0, 2))}}


def _value(draw: random.Random, depth: int) -> Any:
    kind = draw.randint(0, 6 if depth else 3)
    if kind > 4:
        return {word: _value(draw, depth - 1) for word in draw.sample(_WORDS, draw.randint(0, 3))}
    if kind == 4:
        return [_value(draw, depth - 1) for _ in range(draw.randint(0, 3))]
    return draw.choice([draw.randint(-(2**52), 2**52 - 1), draw.uniform(-1e9, 1e9), draw.random() < 0.5, *_TEXTS])
