"""What a mistake says, and what it may not have touched."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.docs.errors_page import told
from tests.e2e.stack.local_stack import LocalStack

FAILED, REFUSED = 1, 2
MOST_LINES = 60


def made(stack: LocalStack) -> tuple[Any, list[str]]:
    deployment = json.loads(stack.pulumi("stack", "export").stdout)["deployment"]
    assert not deployment.get("pending_operations")
    # of this stack's registry: another clone may be building meanwhile
    registry = json.loads((stack.standin_state / "ports.json").read_text())["registry"]
    command = ["docker", "image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"]
    images = subprocess.run(
        [*command, f"--filter=reference=127.0.0.1:{registry}/*/*"], capture_output=True, text=True, check=True
    )
    # not the rest of it: its order, and how its secrets are encrypted, change at each save
    resources = sorted(
        (one["urn"], one.get("id"), one["modified"], one.get("delete")) for one in deployment["resources"]
    )
    return resources, sorted(images.stdout.splitlines())


def refusal(stack: LocalStack, *command: str) -> str:
    """The one error of a pulumi command that must fail: without traceback, and in less than a page or two."""
    result = stack.pulumi(*command, check=False)
    output = result.stdout + result.stderr
    assert result.returncode == FAILED, output
    assert "Traceback" not in output
    assert "unhandled" not in output
    assert "internal error" not in output
    assert len(output.splitlines()) < MOST_LINES
    (error,) = told(output)
    return error


def up(stack: LocalStack) -> str:
    return refusal(stack, "up", "--yes", "--skip-preview", "--suppress-outputs")


def last_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def with_environment(stack: LocalStack, **variables: str) -> LocalStack:
    return replace(stack, environment=(*stack.environment, *variables.items()))


@contextmanager
def changed_sensor(stack: LocalStack) -> Iterator[None]:
    """A new file among the sensor's sources: the next `up` has an image to build, and nothing to train."""
    file = stack.root / "images" / "sensor" / "bad_input.txt"
    try:
        file.write_text("by tests/e2e/stack/mistakes.py\n")
        yield
    finally:
        file.unlink()
