"""What a model takes, as a JSON schema: its card says so once it is trained, before that its entry script's types.

The script is somebody's code: it is imported in a process of its own, with a deadline and without the credentials that
the engine's environment may hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clone.children import bare_environment, bound
from clone.layout import Clone
from contracts.card import ENTRY_SCRIPT, CardError, load_card

DEADLINE_SECONDS = 20


def model_input(root: Path, model: str, inputs_digest: str) -> Mapping[str, Any] | None:
    """`inputs_digest` is of the model's training. None where neither says: the model is not trained yet, and its script
    takes text or cannot be imported here."""
    clone = Clone(root)
    digest = clone.artifacts.run(inputs_digest)
    artifact = None if digest is None else clone.artifact(digest)
    if artifact is not None:
        try:
            return load_card(artifact).input
        except CardError:
            return None
    script = clone.model_folder(model) / ENTRY_SCRIPT
    if script.is_file():
        return _declared(root, "images.scoring.model.declared", str(script))
    return _declared(root, "models.table", "schema", model) if clone.is_table(model) else None


def _declared(root: Path, *module: str) -> Mapping[str, Any] | None:
    command = bound([sys.executable, "-m", *module])
    environment = {**bare_environment(root), "PYTHONDONTWRITEBYTECODE": "1", "ORT_DISABLE_TELEMETRY": "1"}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=DEADLINE_SECONDS, check=True,
        )  # fmt: skip
        schema = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError, RecursionError):
        return None
    return schema if isinstance(schema, Mapping) else None
