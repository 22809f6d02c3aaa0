"""A program with one deployment under the real engine, and the stand-in's own hub, which is watched and disturbed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standin.core.errors import BadRequest
from standin.iothub.configurations.state import Configurations
from tests.infra.provider.conftest import HOST
from tests.pluginbase.workspace import Workspace
from tests.standin.iothub.conftest import hubs_of
from tests.standin.running import RunningStandin

PROGRAM = """
import os
import pulumi
from edge.manifest import Module, layer_content
from infra.resources.edge_deployment import EdgeDeployment, EdgeDeploymentArgs

image = "r/x@sha256:" + os.environ["FLEET_CONTENT"] * 64
content = layer_content(modules={"scorer": Module(image=image)}, routes={})
deployment = EdgeDeployment(os.environ["FLEET_LOGICAL_NAME"], EdgeDeploymentArgs(
    hub_host=os.environ["FLEET_HUB"], name=os.environ["FLEET_NAME"], kind="layer", content=content,
    target_condition="tags.model = 'a'", priority=20, wait_seconds=int(os.environ["FLEET_WAIT"])))

def later(_):
    raise RuntimeError("something later failed")

if os.environ["FLEET_LATER"] == "fails":
    deployment.id.apply(later)
"""
SETTINGS = "plugins: {providers: [{name: mledge, path: ./mledge}]}\n"
_END_SECONDS = 30.0
_POLL_SECONDS = 0.1
# A child of a shell's background has SIGINT ignored, and then the engine's language host takes five seconds to end.
_ENGINE = ("env", "--default-signal=INT", "pulumi")

Event = Callable[[str, str], None]


@dataclass
class Watch:
    """Sees every write to the configurations of one deployment name: within the hub, before its answer leaves."""

    name: str
    there: set[str] = field(default_factory=set)
    gaps: list[str] = field(default_factory=list)
    """Writes after which nothing was left, although something had been there."""
    before: Event = lambda write, id: None
    """Called with `make`, `change` or `delete`, and the id; what it raises is the hub's answer."""
    after: Event = lambda write, id: None

    def written(self, write: str, id: str) -> None:
        if write == "make":
            self.there.add(id)
        elif write == "delete":
            self.there.discard(id)
            if not self.there:
                self.gaps.append(f"{write} {id}")
        self.after(write, id)


class WatchedHub:
    """The configurations of the stand-in's hub, with a watch for each name of a deployment."""

    def __init__(self, standin: RunningStandin) -> None:
        self._standin = standin
        self._watches: dict[str, Watch] = {}
        hub = standin.do(lambda _: hubs_of(standin).get(HOST))
        assert hub is not None
        self._configurations: Configurations = hub.configurations
        self._put, self._delete = self._configurations.put, self._configurations.delete
        standin.do(lambda _: self._hook())

    def _hook(self) -> None:
        self._configurations.put = self.put  # type: ignore[method-assign]
        self._configurations.delete = self.delete  # type: ignore[method-assign]

    def watch(self, name: str) -> Watch:
        return self._watches.setdefault(name, Watch(name))

    def contents(self, name: str) -> list[str]:
        """What stands under a deployment's name: the letter of each content."""

        def look(_: object) -> list[str]:
            found = [one for one in self._configurations.all() if one.labels.get("edgewayDeployment") == name]
            return [_letter(one.content) for one in found]

        return self._standin.do(look)

    def put(self, id_: str, body: Any, if_match: str | None) -> Any:
        watch = self._watch_of(id_)
        write = "make" if if_match is None else "change"
        watch.before(write, id_)
        answer = self._put(id_, body, if_match)
        watch.written(write, id_)
        return answer

    def delete(self, id_: str, if_match: str | None) -> None:
        watch = self._watch_of(id_)
        watch.before("delete", id_)
        self._delete(id_, if_match)
        watch.written("delete", id_)

    def _watch_of(self, id: str) -> Watch:
        return self._watches[id.rpartition("-")[0]]


def _letter(content: Any) -> str:
    module = content["$edgeAgent"]["properties.desired.modules.scorer"]
    return str(module["settings"]["image"][-1])


class Fleet:
    """One stack with one deployment. `up("b", later="fails")`, `up("b", killed=("provider", "make"))`, `contents()`"""

    def __init__(self, folder: Path, name: str, hub: WatchedHub, standin: RunningStandin) -> None:
        self.name = name
        self.hub = hub
        self.watch = hub.watch(name)
        folder.mkdir(parents=True)
        self._workspace = Workspace(folder, PROGRAM, settings=SETTINGS)
        self._pids = folder / "pids"
        self._pids.mkdir()
        self._launcher()
        self._workspace.environment.update(standin.environment, FLEET_HUB=HOST)

    def _launcher(self) -> None:
        """A provider that tells by a file that it runs: its engine may be dead."""
        path = self._workspace.folder / "mledge" / "pulumi-resource-mledge"
        path.parent.mkdir()
        path.write_text(f'#!/bin/sh\ntouch {self._pids}/$$\nexec {sys.executable} -m infra.provider "$@"\n')
        path.chmod(0o755)

    @property
    def contents(self) -> list[str]:
        return self.hub.contents(self.name)

    @property
    def pending(self) -> list[Any]:
        """Rows that wait to be deleted."""
        return [one for one in self._workspace.resources() if one.get("delete")]

    @property
    def cut_off(self) -> list[str]:
        """What the engine was about when it was killed."""
        file = self._workspace.state / ".pulumi" / "stacks" / "shop" / "dev.json"
        latest = json.loads(file.read_text())["checkpoint"]["latest"]
        return [str(one["type"]) for one in latest.get("pending_operations") or ()]

    def up(
        self,
        content: str,
        *options: str,
        later: str = "",
        logical_name: str = "anomaly",
        refused: str = "",
        killed: tuple[str, str] | None = None,
        interrupted: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """`later="fails"`: something after the deployment does. `refused`: the hub refuses the first write of that
        kind. `killed`: who is killed (`engine`, `provider`), and after which kind of write, its answer not yet sent.
        `interrupted`: after which kind of write Ctrl-C comes, while the update waits for a device."""
        self._workspace.environment.update(
            FLEET_CONTENT=content, FLEET_NAME=self.name, FLEET_LOGICAL_NAME=logical_name, FLEET_LATER=later
        )
        self._workspace.environment["FLEET_WAIT"] = "60" if interrupted else "0"
        command = [*_ENGINE, "up", "--yes", "--skip-preview", "--non-interactive", "--suppress-outputs", "-s", "dev"]
        with subprocess.Popen(
            [*command, *options],
            cwd=self._workspace.folder,
            env=self._workspace.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as engine:
            self._disturb(engine, refused, killed, interrupted)
            output, _ = engine.communicate(timeout=300)
        self._calm()
        return subprocess.CompletedProcess(command, engine.returncode, output)

    def changes(self, content: str) -> dict[str, int]:
        self._workspace.environment.update(FLEET_CONTENT=content, FLEET_WAIT="0")
        return self._workspace.changes("preview")

    def refresh(self) -> None:
        """As tools/up.sh does it before an `up`."""
        self._workspace.environment.update(FLEET_CONTENT="a", FLEET_LATER="", FLEET_WAIT="0")
        self._workspace.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "-s", "dev")

    def _disturb(
        self, engine: subprocess.Popen[str], refused: str, killed: tuple[str, str] | None, interrupted: str
    ) -> None:
        once = threading.Lock()

        def before(write: str, id: str) -> None:
            if write == refused and once.acquire(blocking=False):
                raise BadRequest(f"{write} of {id}: not today")

        def after(write: str, id: str) -> None:
            if killed is not None and write == killed[1] and once.acquire(blocking=False):
                victim = engine.pid if killed[0] == "engine" else max(self._running())
                os.kill(victim, signal.SIGKILL)
            if write == interrupted and once.acquire(blocking=False):
                engine.send_signal(signal.SIGINT)

        self.watch.before, self.watch.after = before, after

    def _running(self) -> list[int]:
        return [int(path.name) for path in self._pids.iterdir() if Path(f"/proc/{path.name}").exists()]

    def _calm(self) -> None:
        """Until the plugins of an engine that was killed have noticed it, and without its lock."""
        deadline, pause = time.monotonic() + _END_SECONDS, threading.Event()
        while self._running():
            assert time.monotonic() < deadline, f"plugins {self._running()} outlived their engine"
            pause.wait(_POLL_SECONDS)
        self.watch.before = self.watch.after = lambda write, id: None
        shutil.rmtree(self._workspace.state / ".pulumi" / "locks", ignore_errors=True)


@dataclass
class Fleets:
    folder: Path
    hub: WatchedHub
    standin: RunningStandin

    def new(self, name: str) -> Fleet:
        return Fleet(self.folder / name, name, self.hub, self.standin)
