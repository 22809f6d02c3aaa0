"""What Azure ML's own server said to every case, as `record.py` wrote it: one file a kind, only what is not usual."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.images.scoring.official.case import USUAL, Case, Said

FOLDER = Path(__file__).with_name("recorded")
KINDS = ("answers", "callables", "environment", "http", "requests", "schemas", "threads")


def cases(kind: str) -> tuple[Case, ...]:
    found: tuple[Case, ...] = import_module(f"tests.images.scoring.official.kinds.{kind}").CASES
    assert len({case.name for case in found}) == len(found)
    return found


def unusual(answers: Said) -> Said:
    """As it is recorded: an answer's keys that differ from the usual ones, null for what is not there."""
    return {
        title: _unusual(answer) if isinstance(answer, dict) else answer
        for title, answer in answers.items()
        if title != "starts" or not answer
    }


def _unusual(answer: Mapping[str, Any]) -> Said:
    keys = [*USUAL, *(key for key in answer if key not in USUAL)]
    return {key: answer.get(key) for key in keys if answer.get(key) != USUAL.get(key)}


def recorded(kind: str) -> dict[str, Said]:
    found: dict[str, Said] = json.loads((FOLDER / f"{kind}.json").read_text())
    return found


def write(kind: str, answers: Mapping[str, Said]) -> None:
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{kind}.json").write_text(json.dumps(answers, indent=1, ensure_ascii=True) + "\n")
