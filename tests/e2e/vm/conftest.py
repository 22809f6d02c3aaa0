"""The local stack with a virtual machine for a device: what else is deployed is as in every other run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from tests.e2e.figures import TABLE
from tests.e2e.stack.local_stack import LocalStack

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJmMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0 nobody"
EXTERNAL = "host: external"
EVERY_SECOND, TEN_A_SECOND = "intervalSeconds: 1}", "intervalSeconds: 0.1}"


@pytest.fixture(scope="module")
def vm_stack(stack_files: dict[str, bytes]) -> Iterator[LocalStack]:
    """Brought up from nothing, ten messages a second."""
    if shutil.which("docker") is None:
        pytest.fail("end-to-end tests need Docker; `make test-vm` sets it up")
    stack = LocalStack()
    with stack.stack_file() as file:
        text = file.read_text()
        for was, becomes in (
            (EXTERNAL, f'host: {{kind: vm, sshPublicKey: "{SSH_KEY}"}}'),
            (EVERY_SECOND, TEN_A_SECOND),
        ):
            assert text.count(was) == 1, was
            text = text.replace(was, becomes)
        file.write_text(text)
        began = time.monotonic()
        stack.command("tools/up.sh", "local", limit_s=900)
        TABLE.add(
            "a virtual machine that becomes a device", "`make up`, with the stack", f"{time.monotonic() - began:.0f} s"
        )
        yield stack
    # the device of another run is no machine's
    stack.command("tools/down.sh", "local", limit_s=300)
