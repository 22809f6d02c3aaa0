"""A throw-away Pulumi project, driven through the real engine's command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PASSPHRASE = "only-for-this-test"


def engine_folder() -> Path:
    """Where `pulumi` lies: $EDGEWAY_PULUMI, PATH, or the cache that tools/ fill."""
    named = os.environ.get("EDGEWAY_PULUMI")
    found = shutil.which("pulumi", path=named) if named else shutil.which("pulumi")
    if found is not None:
        return Path(found).parent
    cache = Path(os.environ.get("EDGEWAY_CACHE", Path.home() / ".cache" / "edgeway"))
    cached = sorted(cache.glob("pulumi-*/pulumi"))
    if not cached:
        pytest.fail(f"no pulumi in $EDGEWAY_PULUMI, on PATH or in {cache}: run `make init`")
    return cached[-1].parent


class Workspace:
    """`pulumi` in a folder of its own, with its own state and home; nothing of the user's is read or written."""

    def __init__(self, folder: Path, program: str, *, project: str = "shop", settings: str = "") -> None:
        self.folder = folder / "project"
        self.home = folder / "home"
        self.state = folder / "state"
        for made in (self.folder, self.home, self.state):
            made.mkdir()
        (self.folder / "Pulumi.yaml").write_text(f"name: {project}\nruntime: {{name: python}}\n{settings}")
        (self.folder / "__main__.py").write_text(program)
        shim = folder / "shim" / "pip"
        shim.mkdir(parents=True)
        # The language host asks pip for installed Pulumi packages; the test's plugins are found without, and faster.
        (shim / "__main__.py").write_text("print('[]')\n")
        (shim / "__init__.py").touch()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "ARM_", "AZURE_"))},
            "PATH": os.pathsep.join([str(engine_folder()), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(shim.parent), str(_ROOT)]),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        self.run("stack", "init", "dev")

    def launcher(self, path: Path, module: str) -> None:
        """Makes an executable that starts a provider module with this interpreter."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        path.chmod(0o755)

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        """Standard output and error of one command, which must succeed (or fail)."""
        done = subprocess.run(
            # a child of a shell's background has SIGINT ignored, and then the engine's language host takes 5 s to end
            ["env", "--default-signal=INT", "pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        output = done.stdout + done.stderr
        assert (done.returncode == 0) is succeeds, output
        return output

    def set(self, key: str, value: object) -> None:
        self.run("config", "set", key, str(value), "-s", "dev")

    def up(self, *arguments: str, succeeds: bool = True) -> str:
        return self.run("up", "--yes", "-s", "dev", *arguments, succeeds=succeeds)

    def changes(self, *command: str) -> dict[str, int]:
        """The count per operation that `preview` or `refresh --preview-only` shows."""
        output = self.run(*command, "-s", "dev", "--json")
        summary: dict[str, int] = json.loads(output[output.index("{") :])["changeSummary"]
        return summary

    def resources(self) -> list[dict[str, Any]]:
        """The stack's resources as they are stored: secrets are encrypted."""
        deployment = json.loads((self.state / ".pulumi" / "stacks" / "shop" / "dev.json").read_text())
        found: list[dict[str, Any]] = deployment["checkpoint"]["latest"].get("resources", [])
        return found
