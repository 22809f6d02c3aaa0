"""`python -m models.new WORD ...`: the steps of `edgeway model new`, each a process of its own that answers in JSON.

    render KIND NAME OUT     the folder of a model to train, of templates
    inspect FILE             what a file is, and which file is the model
    unpickle FILE OUT [COLUMN]...    a scikit-learn model to ONNX; what is known of it goes to stdout
    make OUT                 the folder of a ready model; what is given comes as JSON on stdin

The last line of the output is the answer; exit code 2 goes with `{"refused": why}`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.new import limits
from models.new.refused import Refused


def _render(kind: str, name: str, out: str) -> dict[str, Any]:
    from models.new.templates import render

    files = render(kind, name)
    for path, text in files.items():
        (Path(out) / path).parent.mkdir(parents=True, exist_ok=True)
        (Path(out) / path).write_text(text, "utf-8")
    return {"files": sorted(files)}


def _inspect(given: str) -> dict[str, Any]:
    from models.new.sources.kind import MLFLOW, kind_of

    path, columns = Path(given), tuple[str, ...]()
    kind = kind_of(path)
    if kind == MLFLOW:
        from models.new.sources.mlflow_folder import model_of

        path, columns = model_of(path)
        kind = kind_of(path)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"kind": kind, "file": str(path), "columns": list(columns), "sha256": sha256}


def _unpickle(given: str, out: str, *columns: str) -> dict[str, Any]:
    from models.new.sources import scikit_learn

    made = scikit_learn.convert(Path(given), columns)
    Path(out).write_bytes(made.content)
    facts = asdict(made)
    facts.pop("content")
    return facts


def _make(out: str) -> dict[str, Any]:
    import msgspec

    from models.new.folder import Given, make
    from models.new.sources import onnx_graph

    given = json.load(sys.stdin)
    content = onnx_graph.read(Path(given.pop("onnx")))
    return make(Path(out), content, msgspec.convert(given, Given))


_WORDS: dict[str, Callable[..., dict[str, Any]]] = {
    "render": _render,
    "inspect": _inspect,
    "unpickle": _unpickle,
    "make": _make,
}


def main(argv: list[str]) -> int:
    limits.apply()
    try:
        answer = _WORDS[argv[0]](*argv[1:])
    except Refused as error:
        print(json.dumps({"refused": str(error)}))
        return 2
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
