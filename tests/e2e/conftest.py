"""The local stack, up once for all end-to-end tests, and the table of figures at the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from _pytest.terminal import TerminalReporter

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import ROOT, LocalStack
from tests.e2e.stack.mistakes import made


def read_stack_files() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in ROOT.glob("Pulumi*.yaml")}


@pytest.fixture(scope="session")
def stack_files() -> dict[str, bytes]:
    """Every stack file as it was before the first `up`."""
    return read_stack_files()


@pytest.fixture(scope="session")
def stack(stack_files: dict[str, bytes]) -> LocalStack:
    """The stack of this clone, brought up by the same script as `make up` (a no-op when it is up already)."""
    if shutil.which("docker") is None:
        pytest.fail("end-to-end tests need Docker; `make e2e` sets it up")
    local = LocalStack()
    local.command("tools/up.sh", "local", limit_s=900)
    return local


@pytest.fixture
def unchanged(stack: LocalStack) -> Iterator[None]:
    """After one mistake: the same resources in the state, the same images on this machine."""
    before = made(stack)
    yield
    assert made(stack) == before


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    lines = TABLE.lines()
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)
