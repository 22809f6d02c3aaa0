"""The commands of table models, `python -m models.table data|train <name> ...`: data.py and train.py of the others.

`python -m models.table schema <name>` prints the JSON schema of a request, as its card will have it.

`models/<name>/model.py` sets MODEL. The entry script of the artifact is `score.py` of this folder, or the model's own.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from contracts.card import ENTRY_SCRIPT
from contracts.names import MODEL_NAME
from models.source import Source
from models.source import run as run_source
from models.table.table import Table

_BASE = Path(__file__).parent
_USAGE = "python -m models.table data|train|schema NAME ..."
_REFUSED = 2


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else list(argv)
    commands = {"data": _data, "train": _train, "schema": _schema}
    if len(arguments) < 2 or arguments[0] not in commands or not re.fullmatch(MODEL_NAME, arguments[1]):
        print(f"usage: {_USAGE}", file=sys.stderr)
        return _REFUSED
    command, model, *rest = arguments
    if importlib.util.find_spec(f"models.{model}") is None or importlib.util.find_spec(f"models.{model}.model") is None:
        print(f"error: models/{model}/model.py is not there; `edgeway model new {model}` writes it", file=sys.stderr)
        return _REFUSED
    table = getattr(importlib.import_module(f"models.{model}.model"), "MODEL", None)
    if not isinstance(table, Table):
        print(f"error: models/{model}/model.py sets no MODEL = Table(...)", file=sys.stderr)
        return _REFUSED
    return commands[command](model, table, rest)


def _data(model: str, table: Table[Any], argv: Sequence[str]) -> int:
    from models.table.rows import FEWEST_ROWS, canonical, simulated

    source = Source(
        model=model,
        command=f"models.table data {model}",
        make=lambda seed, rows: simulated(table, seed=seed, rows=rows),
        read=partial(canonical, table),
        rows=1000,
        fewest_rows=FEWEST_ROWS,
        seed_help="of the simulation (default 0)",
    )
    return run_source(source, argv)


def _train(model: str, table: Table[Any], argv: Sequence[str]) -> int:
    from models.table.card import build
    from models.training import run

    folder = _BASE.parent / model
    own = folder / ENTRY_SCRIPT
    return run(
        folder,
        f"Train the table model {model}.",
        settings=table.hyperparameters,
        build=partial(build, model, table),
        argv=argv,
        command=f"models.table train {model}",
        entry_script=own if own.is_file() else _BASE / ENTRY_SCRIPT,
    )


def _schema(model: str, table: Table[Any], argv: Sequence[str]) -> int:
    from models.table.card import input_schema

    print(json.dumps(input_schema(table)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
