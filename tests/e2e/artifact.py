"""What the model says in process: the artifact's own entry script, loaded as Azure ML loads one."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def load_entry_script(artifact: Path) -> ModuleType:
    os.environ["AZUREML_MODEL_DIR"] = str(artifact)
    spec = importlib.util.spec_from_file_location(f"entry_{artifact.name[:12]}", artifact / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.init()
    return module


def telemetry_input(message: dict[str, Any]) -> dict[str, Any]:
    """A scored message without the model's answer: what the sensor sent."""
    return {key: value for key, value in message.items() if key != "anomaly"}


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
