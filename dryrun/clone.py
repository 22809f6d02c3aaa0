"""A small clone for the program to read, and the configuration of a test stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from clone.layout import Clone
from clone.root import ROOT
from contracts.data import spec_key

STACKS = ("local", "dev", "prod")
ONLINE_STACK, KUBERNETES_STACK, MACHINE_STACK = "online", "kubernetes", "machine"
"""Which have what no stack of the clone has."""
_STACK_FILES = ROOT / "tests" / "stacks"
"""Not the clone's own stack files: those are the user's, who puts models, layers and devices there."""
DATA_SPEC = {"source": "simulator", "seed": 0, "rows": 618}

# Of fixed content, so that a change of the real models or images does not move the golden lists.
_FILES = {
    "models/__init__.py": "",
    "models/anomaly/__init__.py": "",
    "models/anomaly/train.py": "import json\n\nimport numpy as np\nfrom sklearn.tree import DecisionTreeClassifier\n",
    "models/anomaly/model.py": "class Hyperparameters:\n    seed: int = 0\n    max_depth: int | None = None\n",
    "contracts/__init__.py": "",
    "contracts/names.py": "A = 1\n",
    "images/__init__.py": "",
    "images/scoring/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
    "images/scoring/__main__.py": "print('scoring')\n",
    "images/replay/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
    "images/replay/__main__.py": "print('replay')\n",
    "images/scoring_gpu/requirements.lock": "onnxruntime-gpu\n",
    "images/sensor/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
    "images/sensor/__main__.py": "print('sensor')\n",
    "images/training/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
    "requirements.lock": (
        "numpy==2.4.6 \\\n    --hash=sha256:00\nscikit-learn==1.9.1 \\\n    --hash=sha256:11\n"
        "pulumi==3.272.0 \\\n    --hash=sha256:22\n"
    ),
    "data.csv": "machine_temperature,anomaly\n21.5,0\n",
}


def make_clone(root: Path) -> Path:
    for name, text in _FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    store = Clone(root).data
    store.record(spec_key("anomaly", DATA_SPEC), store.add(root / "data.csv"))
    return root


def stack_config(stack: str) -> dict[str, str]:
    """tests/stacks/<stack>.yaml as the engine hands it over."""
    return engine_config(stack_tree(stack))


def stack_tree(stack: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((_STACK_FILES / f"{stack}.yaml").read_text(encoding="utf-8"))["config"]
    return tree


def engine_config(values: Mapping[str, Any]) -> dict[str, str]:
    """Text, or JSON where the value is a tree, a number or a truth value."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
