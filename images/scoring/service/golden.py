"""The golden examples of the card: a server reports ready only after it has answered each as training recorded it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import msgspec

from contracts.card import Golden
from contracts.golden import ABSENT
from images.scoring.errors import GoldenMismatch, RunFailed, ScoringError
from images.scoring.model.script_faults import last_lines, summary
from images.scoring.request import Request
from images.scoring.service.service import Service

_LONGEST_VALUE = 400
T = TypeVar("T")


def check_golden(service: Service, script: Path) -> int:
    """Score every example of the card; the first that differs is a GoldenMismatch. Returns how many were checked."""

    def check() -> int:
        for example in service.card.golden:
            check_example(service, example, script)
        return len(service.card.golden)

    return as_served(service, check)


def as_served(service: Service, check: Callable[[], T]) -> T:
    """What `check` gives; within a running event loop where `run` will be called so: some of asyncio refuses to work
    there, and a model that needs it must not become ready."""
    if not service.on_loop:
        return check()

    async def on_loop() -> T:
        return check()

    with asyncio.Runner() as runner:
        return runner.run(on_loop())


def check_example(service: Service, example: Golden, script: Path) -> float:
    """Milliseconds that the answer took; raises GoldenMismatch. `script` is the entry script, for what it raises."""
    what = f"golden example {example.name!r}"
    began = perf_counter()
    try:
        body = service.score(_request(example)).body
    except RunFailed as error:
        raise _raised(what, error, script) from error
    except ScoringError as error:
        raise GoldenMismatch(f"{what} was refused: {error}") from error
    took_ms = (perf_counter() - began) * 1e3
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise GoldenMismatch(f"{what} is not answered with JSON: {error}") from error
    if differs := example.difference(answer):
        expected, got = _shown(differs.expected), _shown(differs.got)
        raise GoldenMismatch(f"{what} differs at {differs.path}: expected {expected}, got {got}")
    return took_ms


def _request(example: Golden) -> Request:
    sent = example.request
    return Request(sent.content, headers={b"content-type": sent.media_type.encode("latin-1", "replace")})


def _raised(what: str, error: RunFailed, script: Path) -> GoldenMismatch:
    cause = error.__cause__
    if cause is None or error.detail:
        return GoldenMismatch(f"{what}: {error}", detail=error.detail)
    return GoldenMismatch(
        f"{what}: run() of {script.name} failed: {summary(cause, script)}", detail=last_lines(cause, script)
    )


def _shown(value: Any) -> str:
    text = str(value) if value is ABSENT else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."
