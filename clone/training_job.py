"""What of the clone goes to a cluster that trains a model: its code, and the lock of the packages that it needs.

The code is what the training's inputs are hashed over, so nothing that a job reads can change unseen. The lock is the
model's own `requirements.txt`; of a model that has none, the lines of the project's lock for what its code imports,
with what those need in turn: uv writes into a lock for whom each package is there (`# via`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clone import digests
from clone.build_context import IMAGE_TRAINING, build_context, context_digest
from clone.training_inputs import LOCK_FILE, TrainingInputsError, imported_distributions, normal, training_code

_ENTRY = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?==.*\n(?P<more>(?:[ \t]+.*\n)*)", re.MULTILINE)
_VIA = re.compile(r"^ +#(?: via)? +(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class TrainingJob:
    """The digests of what a job brings: a change of the code alone builds no image."""

    code_digest: str
    image_context: str

    @classmethod
    def of(cls, root: Path, model: str) -> TrainingJob:
        return cls(
            code_digest=code_digest(training_code(root, model)),
            image_context=context_digest(
                build_context(root, IMAGE_TRAINING, None, lock=training_lock(root, model)),
            ),
        )


def code_digest(code: Mapping[str, bytes]) -> str:
    return digests.of_files(code)


def training_lock(root: Path, model: str) -> bytes:
    """In the form of pip's hash-checking mode. Raises TrainingInputsError."""
    own = root / "models" / model / "requirements.txt"
    if own.is_file():
        return own.read_bytes()
    try:
        text = (root / LOCK_FILE).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise TrainingInputsError(f"{LOCK_FILE} is missing in this clone") from error
    return _lines_for(text, imported_distributions(training_code(root, model)).values()).encode()


def _lines_for(lock: str, wanted: Iterable[str]) -> str:
    """The entries of those that are wanted and of all that they need, without what uv remarks on them."""
    entries = {normal(entry["name"]): entry for entry in _ENTRY.finditer(f"{lock}\n")}
    needed_by = {name: {normal(via["name"]) for via in _VIA.finditer(entry["more"])} for name, entry in entries.items()}
    chosen = set(wanted) & entries.keys()
    while more := {name for name, users in needed_by.items() if users & chosen} - chosen:
        chosen |= more
    return "".join(_without_remarks(entries[name][0]) for name in sorted(chosen))


def _without_remarks(entry: str) -> str:
    lines = [line for line in entry.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines).rstrip(" \\") + "\n"
