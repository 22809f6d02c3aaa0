"""No secret of a run lies in state, logs, images, container metadata or process arguments."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack.local_stack import LocalStack
from tests.e2e.stack.secrets_audit import places, secrets_of, spellings

pytestmark = pytest.mark.e2e


@pytest.fixture
def canary(stack: LocalStack) -> Iterator[str]:
    """A value planted in a log, a container's environment and a process's arguments: the search must find it there."""
    value = f"canary-{secrets.token_hex(16)}"
    label = f"edgeway.standin={stack.instance}"
    log: Path = stack.standin_state / "canary.log"
    log.write_text(value)
    container = subprocess.run(
        ["docker", "create", "-e", f"CANARY={value}", "--label", label, "python:3.11-slim-bookworm"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", value], stdin=subprocess.PIPE)
    try:
        yield value
    finally:
        process.communicate(b"")
        log.unlink()
        subprocess.run(["docker", "rm", "-f", container], capture_output=True, check=True)


def test_no_secret_of_the_run_is_found_anywhere_but_the_planted_canary_is(stack: LocalStack, canary: str) -> None:
    searched = {secret: spellings(secret) for secret in secrets_of(stack)}
    assert len(searched) >= 5, "the run made a scoring key, a TLS key, device keys and a registry password at least"
    hits: list[str] = []
    canaries: set[str] = set()
    for where, content in places(stack):
        if canary.encode() in content:
            canaries.add(where.split()[0])
        hits += [
            f"{secret[:4]}... in {where}" for secret, forms in searched.items() if any(f in content for f in forms)
        ]
    assert {"log", "docker", "process"} <= canaries, canaries
    assert hits == []
