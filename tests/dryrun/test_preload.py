"""What is imported once for all runs of the program: a part of the SDK that is missing costs each run its import."""

from __future__ import annotations

import sys
from pathlib import Path

from dryrun import make_clone, stack_config
from dryrun.process import in_a_fork


def imported_by_a_run(clone: Path) -> list[str]:
    # in a process of its own, as `run_program` does it
    from dryrun.program import run

    before = loaded()
    run("local", "up", clone, stack_config("local"))
    return sorted(loaded() - before)


def loaded() -> set[str]:
    """The SDK puts a lazy module into `sys.modules` first."""
    return {name for name, module in sys.modules.items() if type(module).__name__ != "_LazyModule"}


def test_a_run_imports_nothing_of_the_sdk(tmp_path: Path) -> None:
    imported = in_a_fork(imported_by_a_run, make_clone(tmp_path))

    assert [name for name in imported if name.startswith("pulumi")] == []
