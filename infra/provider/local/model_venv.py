"""The interpreter that trains a model: the project's own, or a venv of the model's where it needs a framework.

The venv is cached by the hash of `models/<name>/requirements.txt` under `.local/venvs/`; a file `ready` says that it is
whole.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from clone import digests
from clone.layout import Clone
from infra.provider.local.child import child_environment, run_child
from pluginbase.resource import OperationContext


def bit_stable(clone: Clone, model: str) -> bool:
    """Whether training again gives the same bytes anywhere: scikit-learn does, frameworks differ between machines."""
    return not _requirements(clone, model).is_file()


def interpreter(ctx: OperationContext, clone: Clone, model: str) -> Path:
    requirements = _requirements(clone, model)
    if not requirements.is_file():
        return Path(sys.executable)
    name = digests.of_requirements(requirements.read_bytes())[:16]
    folder = clone.venvs / name
    if not (folder / "ready").is_file():
        _make(ctx, clone, model, folder, requirements)
    return folder / "bin" / "python"


def _make(ctx: OperationContext, clone: Clone, model: str, folder: Path, requirements: Path) -> None:
    ctx.status(f"making the environment of {model} (once per models/{model}/requirements.txt)")
    shutil.rmtree(folder, ignore_errors=True)  # left by a run that died; a venv cannot be moved, so it is made in place
    folder.parent.mkdir(parents=True, exist_ok=True)
    what = f"environment of {model!r}"
    environment = {**child_environment(clone.root), **outside_proxies()}
    environment.pop("PYTHONPATH")
    run_child(ctx, [sys.executable, "-m", "venv", str(folder)], cwd=clone.root, what=what, environment=environment)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "-r", str(requirements)]
    run_child(ctx, install, cwd=clone.root, what=what, environment=environment)
    (folder / "ready").touch()


def outside_proxies() -> dict[str, str]:
    """The proxy and CA of the machine itself: a stack's environment points at the stand-in, which serves no packages.

    `edgeway env` keeps what it replaces under EDGEWAY_OUTSIDE_<name>.
    """
    prefix = "EDGEWAY_OUTSIDE_"
    kept = {name[len(prefix) :]: value for name, value in os.environ.items() if name.startswith(prefix)}
    if "EDGEWAY_STANDIN" not in os.environ:
        names = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PIP_INDEX_URL")
        kept |= {name: os.environ[name] for name in names if name in os.environ}
    return kept


def _requirements(clone: Clone, model: str) -> Path:
    return clone.model_folder(model) / "requirements.txt"
