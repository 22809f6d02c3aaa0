"""The artifact's entry script, decoded as its `run` asks, with nothing around it: no errors, no limits."""

from __future__ import annotations

import importlib.util
import os
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec


def scorer() -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    """Body to answer, for JSON and for raw bytes."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    folder = Path(os.environ["SCORING_ARTIFACT"])
    os.environ["AZUREML_MODEL_DIR"] = str(folder)
    spec = importlib.util.spec_from_file_location("bare_entry_script", folder / "score.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{folder} has no score.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.init()
    run: Callable[[Any], Any] = module.run
    decode = msgspec.json.Decoder(next(iter(typing.get_type_hints(run).values()))).decode
    encode = msgspec.json.Encoder().encode
    return (lambda body: encode(run(decode(body)))), (lambda body: encode(run(body)))
