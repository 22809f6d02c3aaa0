"""What a training depends on, as one digest: it alone decides whether a model is trained again.

Hashed are the model's code, requirements and packages of its entry script, a ready model's file and examples, what all
models share, `contracts/`, the data, the hyperparameters, and the lock lines of the packages that the code imports; no
path of this machine, nothing compiled, no prose.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clone import digests
from clone.errors import CloneError
from clone.layout import Clone
from clone.packages.serving import check_packages
from clone.source_files import source_files
from clone.syntax import parsed
from contracts.card import SERVING_LOCK
from contracts.data import spec_key

LOCK_FILE = "requirements.lock"
_CONFIG_KEY = "edgeway:models"
# Where a module's name is not the distribution's.
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python-headless", "yaml": "pyyaml"}
# .onnx and .jsonl are a ready model's file and examples.
_MADE_OF = frozenset({".py", ".onnx", ".jsonl"})
_OWN_PACKAGES = frozenset({"models", "contracts"})
_LOCK_LINE = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==[^\s\\]+.*$", re.MULTILINE)


class TrainingInputsError(CloneError):
    """Data or code of a model is missing: names it, and what to do."""


@dataclass(frozen=True, kw_only=True)
class TrainingInputs:
    data_key: str
    data_sha256: str
    digest: str


def training_inputs(
    root: Path, *, model: str, data_spec: Mapping[str, Any], hyperparameters: Mapping[str, Any]
) -> TrainingInputs:
    """`data_spec` is what `edgeway data` was asked for: the mapping under `train.data` of the stack file."""
    key = spec_key(model, data_spec)
    sha256 = Clone(root).data.resolve(key)
    code = training_code(root, model)
    check_packages(root, model)
    if sha256 is None:
        raise TrainingInputsError(
            f"data of model {model} is not in this clone's store (.local/data); run `edgeway data` first (make up does)"
        )
    digest = digests.of_training_inputs(
        code=code, data_sha256=sha256, hyperparameters=hyperparameters, packages=_packages(root, model, code)
    )
    return TrainingInputs(data_key=key, data_sha256=sha256, digest=digest)


def training_code(root: Path, model: str) -> dict[str, bytes]:
    """Path in the clone -> what it holds: the model's folder, what it imports of `models/`, and `contracts/`."""
    clone = Clone(root)
    if clone.model_command(model, "train") is None:
        raise TrainingInputsError(
            f"{_CONFIG_KEY}: {model} has no models/{model}/train.py or model.py; "
            f"there are: {', '.join(clone.trainable_models())}"
        )
    shared = (root / "models" / "__init__.py", *source_files(root, "contracts"))
    files = dict.fromkeys(path for path in shared if path.suffix in _MADE_OF)
    waiting = {model}
    while waiting:
        found = [path for name in waiting for path in _part(root, name) if path not in files]
        files |= dict.fromkeys(found)
        waiting = _parts(
            {path.relative_to(root).as_posix(): path.read_bytes() for path in found if path.suffix == ".py"}
        )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(files)}


def _part(root: Path, name: str) -> list[Path]:
    """Of `models/`: a folder's files that count, or one file."""
    file = root / "models" / f"{name}.py"
    if file.is_file():
        return [file]
    files = source_files(root, f"models/{name}")
    return [path for path in files if path.suffix in _MADE_OF or path.name in ("requirements.txt", SERVING_LOCK)]


def _parts(files: Mapping[str, bytes]) -> set[str]:
    """What of `models/` is imported: another model's change then trains nobody else."""
    return {name.split(".")[1] for name in _imported(files) if name.startswith("models.")}


def _packages(root: Path, name: str, files: Mapping[str, bytes]) -> list[str]:
    """Lock lines of what the model's code imports. A model with its own requirements.txt, which is hashed whole, may
    import what the project's lock does not hold."""
    locked = {normal(line[1]): line[0].rstrip("\\ ") for line in _LOCK_LINE.finditer(_lock(root))}
    has_own = f"models/{name}/requirements.txt" in files
    lines = set()
    for module, distribution in imported_distributions(files).items():
        if distribution in locked:
            lines.add(locked[distribution])
        elif not has_own:
            raise TrainingInputsError(
                f"models/{name} imports {module}, which {LOCK_FILE} does not hold; "
                f"add it to pyproject.toml, or give the model a models/{name}/requirements.txt"
            )
    return sorted(lines)


def _lock(root: Path) -> str:
    try:
        return (root / LOCK_FILE).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise TrainingInputsError(f"{LOCK_FILE} is missing in this clone") from error


def imported_distributions(files: Mapping[str, bytes]) -> dict[str, str]:
    """By the module that is imported, sorted; as a lock's names read once they are `normal`."""
    modules = _imports({path: files[path] for path in sorted(files) if path.endswith(".py")})
    return {module: normal(_DISTRIBUTIONS.get(module, module)) for module in modules}


def _imports(sources: Mapping[str, bytes]) -> list[str]:
    """Top-level names of imported modules, without the standard library and the project's own."""
    modules = {name.partition(".")[0] for name in _imported(sources)}
    return sorted(modules - sys.stdlib_module_names - _OWN_PACKAGES)


def _imported(sources: Mapping[str, bytes]) -> Iterator[str]:
    """Whole names of imported modules, and of what is imported from each."""
    for name, source in sources.items():
        for node in ast.walk(parsed(name, source)):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def normal(name: str) -> str:
    """A distribution's name, as all its spellings are one."""
    return re.sub(r"[-_.]+", "-", name).lower()
