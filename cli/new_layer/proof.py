"""Runs the file that was written, and compares what it deploys with the manifest that it is made of."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cli.errors import Failed
from cli.new_layer.carried import Carried, as_layer
from cli.new_layer.fields import Fields
from edge.manifest import AGENT, HUB, Layer, LayerContent, is_same_content, joined, layer_content, validate


def prove(text: str, made: Carried, fields: Fields) -> None:
    """Raises Failed where the layer would deploy anything else than the manifest does."""
    with tempfile.TemporaryDirectory() as folder:
        content = _content(Path(folder) / "imported.py", text, {one.setting: one.value for one in fields.secrets})
    deployed = layer_content(modules=content.modules, routes=content.routes)
    if validate(deployed, "layer"):
        raise Failed(
            "the layer that came out would be refused; nothing was written, and that is a mistake of edgeway's"
        )
    wanted, comes_out = compared(as_layer(made)), compared(deployed)
    for twin in {*wanted, *comes_out}:
        if not is_same_content({twin: wanted.get(twin, {})}, {twin: comes_out.get(twin, {})}):
            raise Failed(f"{twin}: the layer that came out deploys something else; nothing was written, and that is a "
                         "mistake of edgeway's")  # fmt: skip


def _content(file: Path, text: str, given: Mapping[str, Any]) -> LayerContent:
    file.write_text(text, "utf-8")
    name = "edgeway_imported_layer"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise Failed(f"{file} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where msgspec looks for the types of settings
    try:
        spec.loader.exec_module(module)
        layer: Layer[Any] = module.LAYER
        made: LayerContent = layer.content({}, msgspec.convert(given, layer.settings))
        return made
    finally:
        sys.modules.pop(name)


def compared(content: Mapping[str, Any]) -> dict[str, Any]:
    """With createOptions and properties as canonical text, as empty members of theirs mean something, and each route as
    an object."""
    rules: Mapping[str, Callable[[Any], Any]] = {**dict.fromkeys(content, _canonical), AGENT: _module, HUB: _route}
    return {twin: {key: rules[twin](value) for key, value in section.items()} for twin, section in content.items()}


def _route(route: Any) -> Mapping[str, Any]:
    return {"route": route} if isinstance(route, str) else route


def _module(module: Mapping[str, Any]) -> dict[str, Any]:
    settings = module["settings"]
    return {**module, "settings": {"image": settings["image"], "createOptions": _canonical(joined(settings))}}


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
