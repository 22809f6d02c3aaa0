"""A stand-in process of one's own, with its state in a folder: for the walk and the judges, which try clients on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.stack.environment import stack_environment
from clone.root import ROOT
from standin.core.addresses import instance_of

LIMIT_S = 500
_IN_DOCKER = (
    ("container", ("ls", "-aq"), ("rm", "-f")),
    ("network", ("ls", "-q"), ("rm",)),
    ("volume", ("ls", "-q"), ("rm",)),
)


@dataclass(frozen=True)
class OwnStandin:
    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "standin"

    def start(self) -> None:
        """Anew: nothing is kept of an earlier run."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._script("start")

    def stop(self) -> None:
        """Also what an earlier run left, which may have been killed: its containers go by the stand-in's reset."""
        if (self.state / "ports.json").is_file():
            self._script("start")
            self.control("reset", {})
            self._script("stop")
            self._clear()

    def _clear(self) -> None:
        """What devices had in Docker and were still taking away when it stopped: by the label of this state alone."""
        if shutil.which("docker") is None:
            return
        mine = f"label=edgeway.standin={instance_of(self.state)}"
        for kind, lister, remover in _IN_DOCKER:
            found = subprocess.run(
                ["docker", kind, *lister, "--filter", mine], capture_output=True, text=True, check=True
            )
            if names := found.stdout.split():
                subprocess.run(["docker", kind, *remover, *names], stdout=subprocess.DEVNULL, check=False)

    def port(self, name: str) -> int:
        """`proxy`, `tls` or `plain`, the control surface."""
        return int(json.loads((self.state / "ports.json").read_text())[name])

    def control(self, path: str, body: dict[str, Any]) -> Any:
        url = f"http://127.0.0.1:{self.port('plain')}/_standin/{path}"
        token = (self.state / "control.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=LIMIT_S) as answer:
            return json.load(answer)

    def variables(self) -> dict[str, str]:
        """As the local stack has them; for downloads it also keeps what was set outside."""
        outside = {**os.environ, "EDGEWAY_STANDIN_STATE": str(self.state)}
        environment = {**os.environ, **stack_environment("local", ROOT, outside)}
        return {name: value for name, value in environment.items() if value is not None}

    def _script(self, what: str) -> None:
        environment = {**os.environ, "EDGEWAY_STANDIN_STATE": str(self.state)}
        subprocess.run(["tools/standin.sh", what], cwd=ROOT, env=environment, check=True)
