"""The local stack, up once for all end-to-end tests, and the order in which they run."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.local_stack import LocalStack


@pytest.fixture(scope="session")
def stack() -> LocalStack:
    """The stack of this clone, brought up by the same script as `make up` (a no-op when it is up already)."""
    if shutil.which("docker") is None:
        pytest.fail("end-to-end tests need Docker; `make e2e` sets it up")
    local = LocalStack()
    local.command("tools/up.sh", "local", limit_s=900)
    return local
