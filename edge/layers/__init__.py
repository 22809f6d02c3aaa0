"""What is deployed to devices, a file a layer: `edge/layers/<layer>.py` with a `LAYER` that `edgeway:layers` names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from edge.manifest import Layer


def catalogue() -> Mapping[str, Layer[Any]]:
    """Every layer that there is, by its name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").LAYER for name in names}
