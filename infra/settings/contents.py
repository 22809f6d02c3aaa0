"""What a layer's own code makes, held against what the hub and Docker take, before any resource.

The deployment's resource asks the same once more with the images that it gets; here the layer and its module are named.
What of it comes from settings that are secrets has to be encrypted in the stack's file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

from edge.manifest import validate
from infra.settings.layers import PlannedLayer
from infra.settings.tree import PROJECT
from infra.settings.wording import Problem, may_cite

_PLACES = ("$edgeAgent.properties.desired.", "$edgeHub.properties.desired.")
_LAYERS = f"{PROJECT}:layers"
_MAY_CITE = may_cite(_LAYERS)
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
        what, kind, where = f"the layer {layer.name} cannot be made", type(error).__name__, _line(error)
        yield Problem(key, f"{what}: {kind}: {error} ({where})", uncited=f"{what}: {kind} ({where}); {_MAY_CITE}")
        return
    for problem in refusals:
        place = problem.path
        for prefix in _PLACES:
            place = place.removeprefix(prefix)
        where = ": ".join(filter(None, (f"the layer {layer.name}", place)))
        yield Problem(key, f"{where}: {problem.reason}", uncited=f"{where}: is refused; {_MAY_CITE}")


def _line(error: Exception) -> str:
    """Of the layer's file, or of what it calls."""
    frames = extract_tb(error.__traceback__)
    frame = next((one for one in reversed(frames) if Path(one.filename).parent.name == "layers"), frames[-1])
    return f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno}"


def in_plain_text(
    planned: Sequence[PlannedLayer], secret_keys: Collection[str], file: Path | None
) -> Iterator[Problem]:
    """Of a key of the configuration the engine says whether anything under it is encrypted, and not what: where one
    secret of `edgeway:layers` is, the stack's own file tells of the others."""
    secrets = [(layer, name) for layer in planned for name in layer.layer.secrets]
    written = _written(file) if secrets and file and _LAYERS in secret_keys else []
    for layer, name in secrets:
        key = f"{_LAYERS}[{layer.index}].settings.{name}"
        if _LAYERS not in secret_keys or _is_plain(written, layer, name):
            yield Problem(key, f"a secret stands there in plain text: {encrypted(key)}", cites_nothing=True)


def encrypted(key: str) -> str:
    """What the user is told to do."""
    how = f"tools/stack.sh <stack> pulumi config set --secret --path '{key}'"
    return f"set it by `{how}`, which asks for it and encrypts it"


def _written(file: Path) -> list[Any]:
    """The entries as the file has them; none where the engine was given another one."""
    import yaml  # only here: most stacks have no such layer

    try:
        config = yaml.safe_load(file.read_text("utf-8"))["config"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return []
    layers = config.get(_LAYERS) if isinstance(config, Mapping) else None
    return layers if isinstance(layers, list) else []


def _is_plain(written: Sequence[Any], layer: PlannedLayer, name: str) -> bool:
    entry = written[layer.index] if layer.index < len(written) else None
    settings = entry.get("settings") if isinstance(entry, Mapping) else None
    value = settings.get(name) if isinstance(settings, Mapping) else None
    return value is not None and not (isinstance(value, Mapping) and list(value) == ["secure"])
