"""What a new model adds to a stack's configuration, and the layer file that runs it on devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRIORITY, STEP = 30, 10
"""Of the first layer that stands beside the project's own; layers are at least a step apart."""

_LAYER = '''"""Scores what a replay sends to the model {name}: its golden examples, unless the settings say a file."""

from edge.senders import replay_layer

LAYER = replay_layer(model="{name}")
'''


def layer_file(name: str) -> tuple[str, str]:
    """Path in the clone, and text."""
    return f"edge/layers/{name}.py", _LAYER.format(name=name)


def layer_entries(name: str, config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Of the layer, and of a device where none has the model's tag yet. `config` is the stack's, empty for none."""
    priority = max([PRIORITY - STEP, *_numbers(config.get("layers"))]) + STEP
    layer = {"name": name, "priority": priority, "targetCondition": f"tags.model = '{name}'"}
    devices = config.get("devices")
    tags = [one.get("tags") for one in devices if isinstance(one, Mapping)] if isinstance(devices, list) else []
    if any(isinstance(one, Mapping) and one.get("model") == name for one in tags):
        return {"layers": layer}
    return {"layers": layer, "devices": {"id": f"edge-{name.replace('_', '-')}", "tags": {"model": name}}}


def _numbers(layers: Any) -> list[int]:
    entries = [one.get("priority") for one in layers if isinstance(one, Mapping)] if isinstance(layers, list) else []
    return [number for number in entries if isinstance(number, int)]
