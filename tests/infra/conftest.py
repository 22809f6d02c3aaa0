"""The program's registrations per stack, each run once a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

import pytest

from dryrun import Plan, make_clone, run_program, stack_config


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clone(tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="session")
def run(clone: Path) -> Callable[[str, str, Mapping[str, str]], Plan]:
    """`run(stack, "preview" | "up", config)`"""
    return partial(run_program, clone)


@pytest.fixture(scope="session")
def planned(run: Callable[[str, str, Mapping[str, str]], Plan]) -> Callable[[str, str], Plan]:
    """`planned(stack, "preview" | "up")`"""

    @cache
    def plan(stack: str, mode: str) -> Plan:
        return run(stack, mode, stack_config(stack))

    return plan
