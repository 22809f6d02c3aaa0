"""The command `python -m models.<name>.train`, the same for every model: data and settings in, an artifact out.

`--data DIR --out DIR [--set key=value]...` reads `DIR/data.csv` and writes an artifact (contracts/card.py). It
knows no cloud, and no path but the two that it is given.
"""

from __future__ import annotations

import argparse
import ast
import math
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from contracts.card import CARD_FILE, ENTRY_SCRIPT, MODEL_FILE, SERVING_LOCK, WEIGHTS_FILE, Card
from contracts.hyperparameters import parse
from models.source import DATA_FILE

Settings = TypeVar("Settings")
SEPARATE_BYTES = 64 * 1024 * 1024
"""A model of this size or more has its weights in a file beside: protobuf would hold them twice while it is read, and
ends at 2 GiB."""


class ModelError(Exception):
    """The trained model is not what it should be."""


def run(
    folder: Path,
    description: str,
    *,
    settings: type[Settings],
    build: Callable[[bytes, Settings, str], tuple[bytes, Card]],
    argv: Sequence[str] | None = None,
    command: str | None = None,
    entry_script: Path | None = None,
    beside: Sequence[str] = (),
) -> int:
    """`folder` is the model's own; `settings` is the class of its hyperparameters (contracts/hyperparameters.py);
    `build` gets data, these, and where the data is from, and makes ONNX and card. `command` is what follows
    `python -m`, `entry_script` what serves the model; of the model's own folder, if not given. `beside` are files of
    `models/` that the entry script imports, as `models.<name>`."""
    arguments = _arguments(command or f"models.{folder.name}.train", description, argv)
    data = arguments.data / DATA_FILE
    try:
        hyperparameters = parse(settings, _settings(arguments.settings))
        exported, card = build(data.read_bytes(), hyperparameters, str(data))
        _check_metrics(card)
        write_artifact(arguments.out, exported, card, entry_script, beside)
    except ModuleNotFoundError as error:
        print(f"error: {_lacking(error, folder)}", file=sys.stderr)
        return 1
    except (ValueError, OSError, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for metric, value in sorted(card.metrics.items()):
        print(f"{metric} {value:g}")
    for missed in card.unmet():
        # a warning only: the thresholds that count are the stack's, and the program holds the metrics against them
        print(f"warning: {missed}", file=sys.stderr)
    return 0


def _check_metrics(card: Card) -> None:
    for metric, value in sorted(card.metrics.items()):
        if not math.isfinite(value):
            raise ModelError(f"metric {metric} is {value}, must be a finite number: the model has learned nothing")


def write_artifact(
    out: Path, exported: bytes, card: Card, entry_script: Path | None = None, beside: Sequence[str] = ()
) -> None:
    """With the entry script of the model that the card names, unless another is given, and the lock of its packages."""
    out.mkdir(parents=True, exist_ok=True)
    _write_model(out, exported)
    script = entry_script or Path(__file__).parent / card.name / ENTRY_SCRIPT
    shutil.copyfile(script, out / ENTRY_SCRIPT)
    (out / CARD_FILE).write_bytes(replace(card, slow=_says_slow(script)).to_bytes())
    lock = Path(__file__).parent / card.name / SERVING_LOCK
    if lock.is_file():
        shutil.copyfile(lock, out / SERVING_LOCK)
    for name in beside:
        (out / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(__file__).parent / name, out / "models" / name)


def _write_model(out: Path, exported: bytes) -> None:
    file = out / MODEL_FILE
    if len(exported) < SEPARATE_BYTES:
        file.write_bytes(exported)
        return
    import onnx

    model = onnx.load_model_from_string(exported)
    onnx.save_model(model, file, save_as_external_data=True, location=WEIGHTS_FILE)
    # written as 0600, and the server is another user
    (out / WEIGHTS_FILE).chmod(0o644)


def _says_slow(script: Path) -> bool:
    """`SLOW = True`, which the scoring server obeys; read, not imported: the script may need what serves it."""
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "SLOW" for target in node.targets)
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
        for node in ast.parse(script.read_bytes()).body
    )


def _settings(given: Sequence[str]) -> dict[str, str]:
    settings = {}
    for setting in given:
        name, separator, text = setting.partition("=")
        if not separator:
            raise ValueError(f"--set is {setting!r}, must be key=value")
        settings[name] = text
    return settings


def _lacking(error: ModuleNotFoundError, folder: Path) -> str:
    requirements = folder / "requirements.txt"
    if not requirements.is_file():
        return f"{sys.executable} lacks {error.name}; make the project's environment: make init"
    return (
        f"{sys.executable} lacks {error.name}; make the model's environment: "
        f"python -m venv DIR && DIR/bin/pip install -r {requirements}"
    )


def _arguments(command: str, description: str, argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=description)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=f"holds {DATA_FILE}")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="receives the artifact")
    parser.add_argument("--set", action="append", default=[], metavar="key=value", dest="settings")
    return parser.parse_args(argv)
