"""The local stack as a user drives it: the make scripts, the pulumi CLI and `edgeway`, run as child processes.

Nothing here reaches into our packages: what the tests see is what a user sees.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[3]
STACK = "local"
DEVICE = "edge-01"
"""The device that the tests watch: a clone may have others, which run what its user brought."""
T = TypeVar("T")


class CommandFailed(AssertionError):
    def __init__(self, command: Sequence[str], result: subprocess.CompletedProcess[str]) -> None:
        super().__init__(
            f"{' '.join(command)} -> {result.returncode}\n{result.stdout[-6000:]}\n{result.stderr[-6000:]}"
        )
        self.result = result


@dataclass(frozen=True)
class LocalStack:
    root: Path = ROOT
    # a second clone passes where the first one keeps its stand-in and its Pulumi state
    environment: tuple[tuple[str, str], ...] = ()

    def child_environment(self) -> dict[str, str]:
        return {**os.environ, "CI": "1", **dict(self.environment)}

    def command(self, *command: str, check: bool = True, limit_s: float = 600) -> subprocess.CompletedProcess[str]:
        """Runs a command in the clone, outside the stack's environment."""
        result = subprocess.run(
            command,
            cwd=self.root,
            env=self.child_environment(),
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        if check and result.returncode != 0:
            raise CommandFailed(command, result)
        return result

    def run(self, *command: str, check: bool = True, limit_s: float = 600) -> subprocess.CompletedProcess[str]:
        """Runs a command in the stack's environment, as `tools/stack.sh local ...` does."""
        return self.command("tools/stack.sh", STACK, *command, check=check, limit_s=limit_s)

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Its output is read from the pipe, unless the options say where it goes."""
        return subprocess.Popen(
            ["tools/stack.sh", STACK, *command],
            cwd=self.root,
            env=self.child_environment(),
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options},
        )

    def pulumi(self, *arguments: str, check: bool = True, limit_s: float = 600) -> subprocess.CompletedProcess[str]:
        return self.run("pulumi", *arguments, "--stack", STACK, "--non-interactive", check=check, limit_s=limit_s)

    def up(self, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", *options, check=check)

    def preview(self, *options: str) -> dict[str, Any]:
        return dict(json.loads(self.pulumi("preview", "--json", *options).stdout))

    def changes(self, *options: str) -> dict[str, str]:
        """What a preview would change: `<type> <name>` -> operation, without what stays the same.

        A replacement is three steps of the engine; the one called `replace` stands for them.
        """
        found = {}
        for step in self.preview(*options)["steps"]:
            kind, name = step["urn"].split("::")[-2:]
            if step["op"] not in ("same", "read", "refresh", "create-replacement", "delete-replaced"):
                found[f"{kind.split('$')[-1]} {name}"] = str(step["op"])
        return found

    def outputs(self, *, secrets: bool = False) -> dict[str, Any]:
        options = ["--show-secrets"] if secrets else []
        return dict(json.loads(self.pulumi("stack", "output", "--json", *options).stdout))

    def monitor(self, count: int, *options: str, limit_s: float = 120) -> list[dict[str, Any]]:
        """The device's telemetry from the built-in endpoint, as `edgeway monitor --json` prints it, one a line."""
        result = self.run(
            "edgeway",
            "monitor",
            "--stack",
            STACK,
            "--json",
            "--device",
            DEVICE,
            "--count",
            str(count),
            "--timeout",
            str(limit_s),
            *options,
            limit_s=limit_s + 60,
        )
        return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    def settled(self) -> None:
        """Waits until every device runs what its deployments want: lag of twins and roll-out included."""
        eventually("the devices run what they should", self._as_wanted, limit_s=180)

    def _as_wanted(self) -> bool:
        return self.run("edgeway", "device", "status", "--stack", STACK, check=False).returncode == 0

    def everything(self, since: str = "earliest") -> list[dict[str, Any]]:
        """All telemetry of the device that the hub holds (since a time), in order of arrival, repeats included."""
        options = ["--json", "--device", DEVICE, "--from", since, "--until-end", "--keep-repeats"]
        result = self.run("edgeway", "monitor", "--stack", STACK, *options, limit_s=120)
        return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The stand-in's own surface, apart from Azure's."""
        import urllib.request

        port = json.loads((self.standin_state / "ports.json").read_text())["plain"]
        data = None if body is None else json.dumps(body).encode()
        token = (self.standin_state / "control.token").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/_standin/{path}",
            data=data,
            method=method,
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @property
    def standin_state(self) -> Path:
        return Path(dict(self.environment).get("EDGEWAY_STANDIN_STATE", str(self.root / ".local" / "standin")))

    @property
    def instance(self) -> str:
        """What the stand-in labels its containers, volumes and images with."""
        return hashlib.sha256(str(self.standin_state.resolve()).encode()).hexdigest()[:12]

    @contextmanager
    def config(self, path: str, value: str) -> Iterator[None]:
        """Sets one configuration value as a user does, and puts the stack file back afterwards."""
        with self.stack_file():
            self.pulumi("config", "set", "--path", path, value)
            yield

    @contextmanager
    def stack_file(self) -> Iterator[Path]:
        """The stack's configuration, to be edited; put back afterwards."""
        file = self.root / f"Pulumi.{STACK}.yaml"
        before = file.read_bytes()
        try:
            yield file
        finally:
            file.write_bytes(before)


def eventually(what: str, probe: Callable[[], T | None], *, limit_s: float = 60, pause_s: float = 0.25) -> T:
    """The probe's first true answer; fails with `what` when the deadline passes."""
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit_s:g} s: {what}")
        pause.wait(pause_s)
