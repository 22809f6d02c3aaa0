"""What is asked of the pulumi CLI, against scripts in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.errors import Failed, Refused
from cli.stack import outputs as stack_outputs
from cli.stack.outputs import outputs


def _pulumi(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    binary = folder / "pulumi"
    binary.write_text(f"#!/bin/sh\n{script}\n")
    binary.chmod(0o755)
    monkeypatch.setattr(stack_outputs, "child_environment", lambda name: {"PATH": f"{folder}:/bin:/usr/bin"})


def test_outputs_are_asked_of_pulumi_and_secrets_only_when_wanted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _pulumi(monkeypatch, tmp_path, """printf '{"arguments": "%s"}' "$*" """)
    assert "--show-secrets" not in outputs("dev")["arguments"]
    assert "--show-secrets" in outputs("dev", secrets=True)["arguments"]
    with pytest.raises(Failed, match=r"has no output 'hub': run `make up STACK=dev` first"):
        outputs("dev").hub  # noqa: B018


def test_a_failing_pulumi_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _pulumi(monkeypatch, tmp_path, "echo 'error: the backend is away' >&2; exit 255")
    with pytest.raises(Failed, match="stack 'dev' has no outputs: error: the backend is away"):
        outputs("dev")
    _pulumi(monkeypatch, tmp_path, "echo \"error: no stack named 'dev' found\" >&2; exit 255")
    with pytest.raises(Refused, match="stack 'dev' does not exist: `make up STACK=dev` makes it"):
        outputs("dev")
    said = "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"
    _pulumi(monkeypatch, tmp_path, f"echo '{said}' >&2; exit 255")
    with pytest.raises(Refused, match=r'PULUMI_BACKEND_URL is not set .*docs/azure.md, first run, step "State"'):
        outputs("dev")
    monkeypatch.setattr(stack_outputs, "child_environment", lambda name: {"PATH": "/nowhere"})
    with pytest.raises(Refused, match="pulumi is not installed"):
        outputs("dev")
