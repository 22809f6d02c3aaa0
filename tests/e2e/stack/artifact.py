"""What the model says in process: the artifact's own entry script, run in a fresh interpreter as Azure ML runs one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_RUN = """
import importlib.util, json, pathlib, sys
import msgspec
folder = pathlib.Path(sys.argv[1])
spec = importlib.util.spec_from_file_location("entry", folder / "score.py")
entry = importlib.util.module_from_spec(spec)
sys.modules["entry"] = entry
spec.loader.exec_module(entry)
entry.init()
rows = msgspec.json.decode(sys.stdin.buffer.read(), type=list[entry.Telemetry])
sys.stdout.buffer.write(msgspec.json.encode(entry.run(rows)))
"""


def score(artifact: Path, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to the rows, without any server."""
    result = subprocess.run(
        [sys.executable, "-c", _RUN, str(artifact)],
        input=json.dumps(rows).encode(),
        env={**os.environ, "AZUREML_MODEL_DIR": str(artifact)},
        capture_output=True,
        check=True,
    )
    return list(json.loads(result.stdout))
