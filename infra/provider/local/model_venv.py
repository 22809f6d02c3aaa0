"""The interpreter that trains a model: the project's own, or a venv of the model's where it needs a framework.

The venv is cached by the hash of `models/<name>/requirements.txt`: clone/packages/training.py.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from clone.layout import Clone
from clone.packages.training import Venv
from infra.provider.local.child import child_environment, run_child
from pluginbase.resource import OperationContext


def bit_stable(clone: Clone, model: str) -> bool:
    """Whether training again gives the same bytes anywhere: scikit-learn does, frameworks differ between machines."""
    return not _requirements(clone, model).is_file()


def interpreter(ctx: OperationContext, clone: Clone, model: str) -> Path:
    requirements = _requirements(clone, model)
    if not requirements.is_file():
        return Path(sys.executable)
    venv = Venv.of(clone, requirements)
    with venv.lock():
        if not venv.is_ready:
            _make(ctx, clone, model, venv)
    return venv.python


def _make(ctx: OperationContext, clone: Clone, model: str, venv: Venv) -> None:
    ctx.status(f"making the environment of {model} (once per models/{model}/requirements.txt)")
    what = f"environment of {model!r}"
    environment = {**child_environment(clone.root), **outside_proxies()}
    environment.pop("PYTHONPATH")
    for command in venv.begin():
        run_child(ctx, command, cwd=clone.root, what=what, environment=environment)
    venv.finish()


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
