"""Runs the program without an engine and without Azure: what it would register, or why it refuses.

clone = make_clone(Path(folder))
plan = run_program(clone, "dev", "preview", stack_config("dev"))
plan["resources"], plan["outputs"], plan.get("refused")
"""

from __future__ import annotations

from dryrun.clone import (
    DATA_SPEC,
    KUBERNETES_STACK,
    MACHINE_STACK,
    ONLINE_STACK,
    STACKS,
    engine_config,
    make_clone,
    stack_config,
    stack_tree,
)
from dryrun.computed import azure_token
from dryrun.process import Plan, run_program
from dryrun.wire import UNKNOWN

__all__ = [
    "DATA_SPEC",
    "KUBERNETES_STACK",
    "MACHINE_STACK",
    "ONLINE_STACK",
    "STACKS",
    "UNKNOWN",
    "Plan",
    "azure_token",
    "engine_config",
    "make_clone",
    "run_program",
    "stack_config",
    "stack_tree",
]
