"""A small clone for the program to read, and the program's registrations per stack, each run once a session."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.data import Store, spec_key

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("local", "dev", "prod")
Plan = dict[str, Any]


def stack_config(stack: str) -> dict[str, str]:
    """Pulumi.<stack>.yaml as the engine hands it over: text, or JSON where the value is a tree."""
    document = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    return engine_config(document["config"])


def engine_config(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of fixed content, so that a change of the real models or images does not move the golden lists."""
    root = tmp_path_factory.mktemp("clone")
    files = {
        "models/__init__.py": "",
        "models/anomaly/__init__.py": "",
        "models/anomaly/train.py": "import json\n\nimport numpy as np\nfrom sklearn.tree import DecisionTreeClassifier\n",
        "contracts/__init__.py": "",
        "contracts/names.py": "A = 1\n",
        "images/__init__.py": "",
        "images/scoring/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
        "images/scoring/__main__.py": "print('scoring')\n",
        "images/sensor/Dockerfile": "ARG BASE_IMAGE=python:3.11-slim-bookworm\nFROM ${BASE_IMAGE}\n",
        "edge/__init__.py": "",
        "edge/modules/sensor/__main__.py": "print('sensor')\n",
        "requirements.lock": (
            "numpy==2.4.6 \\\n    --hash=sha256:00\nscikit-learn==1.9.1 \\\n    --hash=sha256:11\n"
            "pulumi==3.272.0 \\\n    --hash=sha256:22\n"
        ),
        "data.csv": "machine_temperature,anomaly\n21.5,0\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    store = Store(root / ".local" / "data")
    store.record(spec_key("anomaly", {"source": "simulator", "seed": 0, "rows": 618}), store.add(root / "data.csv"))
    return root


@pytest.fixture(scope="session")
def run_program(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Plan]:
    def run(stack: str, mode: str, config: Mapping[str, str]) -> Plan:
        folder = tmp_path_factory.mktemp("run")
        config_file, out = folder / "config.json", folder / "out.json"
        config_file.write_text(json.dumps(config), encoding="utf-8")
        command = [sys.executable, "-m", "tests.infra.run_program", stack, mode, clone, config_file, out]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        result: Plan = json.loads(out.read_text(encoding="utf-8"))
        return result

    return run


@pytest.fixture(scope="session")
def planned(run_program: Callable[..., Plan]) -> Callable[[str, str], Plan]:
    """`planned(stack, "preview" | "up")`"""

    @cache
    def plan(stack: str, mode: str) -> Plan:
        return run_program(stack, mode, stack_config(stack))

    return plan
