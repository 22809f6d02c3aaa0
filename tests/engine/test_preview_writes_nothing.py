"""A preview of a stack that no backend has: it changes neither a file of the clone nor the backend."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from clone.root import ROOT
from tests.pluginbase.workspace import engine_folder

pytestmark = pytest.mark.engine


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def of_ours(temporary: Path) -> dict[str, str]:
    """Without the logs that Pulumi leaves there where it ends with an error."""
    return {name: digest for name, digest in contents(temporary).items() if not name.startswith("pulumi.")}


def tracked() -> dict[str, str]:
    """The files of stacks, and whatever stands beside them at the root of the clone."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in ROOT.iterdir() if path.is_file()}


def preview(stack: str, **more: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_", "AZURE_"))}
    environment = {**given, "PATH": os.pathsep.join([str(engine_folder()), given["PATH"]]), **more}
    return subprocess.run(
        ["tools/preview.sh", stack],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_preview_without_a_sign_in_ends_at_once_and_writes_nothing(stack: str, tmp_path: Path) -> None:
    backend, home, temporary = (tmp_path / name for name in ("backend", "home", "tmp"))
    for folder in (backend, home, temporary):
        folder.mkdir()
    before = tracked()
    result = preview(
        stack,
        PULUMI_BACKEND_URL=f"file://{backend}",
        PULUMI_HOME=str(home),
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION="true",
        TMPDIR=str(temporary),
    )
    assert result.returncode != 0
    assert "sign-in" in result.stderr
    assert tracked() == before
    assert contents(backend) == of_ours(temporary) == {}


def test_a_preview_without_a_backend_and_without_a_login_ends_at_once_and_writes_nothing(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    before = tracked()
    result = preview("dev", PULUMI_HOME=str(home), TMPDIR=str(temporary))
    assert result.returncode != 0
    assert tracked() == before
    assert of_ours(temporary) == {}
    assert "training data" not in result.stderr
