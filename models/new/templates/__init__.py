"""The files of a new model, by kind: `render("table", "pump")` gives them by path in its folder.

A template is a file below this folder that ends in `.txt`; `{{name}}` in it becomes the model's name.
"""

from __future__ import annotations

import re
from pathlib import Path

from contracts.names import MODEL_NAME, MODEL_NAME_ALLOWED

KINDS = ("table", "keras", "empty")
_FOLDER = Path(__file__).parent
_SUFFIX = ".txt"
# locked once, for every model that trains in Keras: the environment is made once, too
_SHARED = {"keras": {"requirements.txt": _FOLDER.parents[1] / "mnist_keras" / "requirements.txt"}}


def render(kind: str, name: str) -> dict[str, str]:
    """Path in the model's folder -> text. Raises ValueError naming what is allowed."""
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} of a model is not known; there are {', '.join(KINDS)}")
    if not re.fullmatch(MODEL_NAME, name):
        raise ValueError(f"model name {name!r} is not allowed: {MODEL_NAME_ALLOWED}")
    folder = _FOLDER / kind
    templates = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob(f"*{_SUFFIX}"))}
    texts = {path.removesuffix(_SUFFIX): file.read_text("utf-8") for path, file in templates.items()}
    written = {path: text.replace("{{name}}", name) for path, text in texts.items()}
    return written | {path: file.read_text("utf-8") for path, file in _SHARED.get(kind, {}).items()}
