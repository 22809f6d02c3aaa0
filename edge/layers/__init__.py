"""What is deployed to devices, a file a layer: `edge/layers/<layer>.py` with a `LAYER` that `edgeway:layers` names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from traceback import extract_tb
from typing import Any

from edge.manifest import Layer


class LayerFileError(Exception):
    """A file of this folder that is no layer; the message is for its author."""


def catalogue() -> Mapping[str, Layer[Any]]:
    """Every layer that there is, by its name. LayerFileError for a file that cannot be imported, or has no LAYER."""
    return {name: _layer(name) for name in sorted(module.name for module in iter_modules(__path__))}


def _layer(name: str) -> Layer[Any]:
    file = f"edge/layers/{name}.py"
    try:
        layer = getattr(import_module(f"{__name__}.{name}"), "LAYER", None)
    except Exception as error:  # anybody's code
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename.endswith(file)]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else 1)
        raise LayerFileError(f"{file}:{line}: {type(error).__name__}: {error}") from error
    if not isinstance(layer, Layer):
        raise LayerFileError(f"{file}: LAYER is {type(layer).__name__}; a Layer of edge.manifest is wanted")
    return layer
