"""A run of the program in a process of its own: the root stack lives as long as an interpreter (pulumi 3.272)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

Plan = dict[str, Any]
"""`resources` (each as `Registered` has it), `messages`, `outputs`, `output_values` and `secret_outputs`; of a refusal
`refused`, its text, and `registered`, how many resources there were before it."""
P = ParamSpec("P")
T = TypeVar("T")
_LIMIT_S = 60
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["dryrun.preload"])


def run_program(clone: Path, stack: str, mode: str, config: Mapping[str, str]) -> Plan:
    """`mode` is `preview` or `up`. Forked from a process that has the program and the SDK imported."""
    return in_a_fork(_run, stack, mode, clone, dict(config))


def in_a_fork(function: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
    """What the function answers in such a process."""
    with ProcessPoolExecutor(1, mp_context=_FORKS) as pool:
        return pool.submit(function, *given, **named).result(_LIMIT_S)


def _run(stack: str, mode: str, clone: Path, config: dict[str, str]) -> Plan:
    # imported in the child only: the program's modules have no place in the caller's process
    from dryrun.program import run

    return run(stack, mode, clone, config)
