"""What a layer's own code makes, held against what the hub and Docker take, before any resource.

The deployment's resource asks the same once more with the images that it gets; here the layer and its module are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

from edge.manifest import validate
from infra.settings.layers import PlannedLayer
from infra.settings.tree import PROJECT
from infra.settings.wording import Problem

_PLACES = ("$edgeAgent.properties.desired.", "$edgeHub.properties.desired.")
_LONGEST_REGISTRY = 50 * "x" + ".azurecr.io/edgeway"


def content(layer: PlannedLayer) -> dict[str, Any]:
    """As the hub gets it, with images of the length that they can have at the most."""
    needs = layer.needs
    names = (*needs.models, *needs.images, *needs.replays)
    return layer.content({name: f"{_LONGEST_REGISTRY}/{name}@sha256:{64 * '0'}" for name in names})


def made(layers: Sequence[PlannedLayer]) -> tuple[list[PlannedLayer], list[Problem]]:
    """Those that can be deployed, and what is wrong with others: nothing else is asked of them."""
    found = {layer.name: list(_problems(layer)) for layer in layers}
    good = [layer for layer in layers if not found[layer.name]]
    return good, [problem for problems in found.values() for problem in problems]


def _problems(layer: PlannedLayer) -> Iterator[Problem]:
    key = f"{PROJECT}:layers[{layer.index}].name"
    try:
        refusals = validate(content(layer), "layer")
    except Exception as error:  # a layer's file is anybody's, and its fault is told like a setting's
        yield Problem(key, f"the layer {layer.name} cannot be made: {_fault(error)}")
        return
    for problem in refusals:
        place = problem.path
        for prefix in _PLACES:
            place = place.removeprefix(prefix)
        yield Problem(key, f"the layer {layer.name}: {place}: {problem.reason}")


def _fault(error: Exception) -> str:
    """With the line of the layer's file, or of what it calls."""
    frames = extract_tb(error.__traceback__)
    frame = next((one for one in reversed(frames) if Path(one.filename).parent.name == "layers"), frames[-1])
    where = f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"
    return f"{type(error).__name__}: {error} ({where})"
