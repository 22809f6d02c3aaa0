"""One stand-in for both walks, and the times of their commands at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from _pytest.terminal import TerminalReporter

from tests.walk.place import Place

PLACE = Place()


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    if "EDGEWAY_AZ" not in os.environ:
        pytest.fail("the walk needs the Azure CLI; `make walk` installs it")
    PLACE.start()
    yield PLACE
    PLACE.stop()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if PLACE.timed:
        terminalreporter.section("the walk of docs/azure.md, command by command")
        for line in PLACE.timed:
            terminalreporter.write_line(line)
