"""Where the page is walked: a stand-in process of its own, people who sign in with `az`, and their commands, timed."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clone.root import ROOT
from tools.own_standin import LIMIT_S, OwnStandin

OWNERS, PIPELINES = "walk", "walkci"
"""Stacks in place of the page's `dev`, so that nobody's stack file is written into."""
FOLDER = ROOT / ".local" / "walk"
_STANDIN = OwnStandin(FOLDER)
# one for all the rest: `az` and Pulumi are the user's own there
_OURS = ("AZURE_", "ARM_", "PULUMI_")


def stack_file(stack: str) -> Path:
    return ROOT / f"Pulumi.{stack}.yaml"


@dataclass
class Place:
    timed: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.stop()
        _STANDIN.start()
        plugin = FOLDER / "pulumi" / "plugins" / f"resource-azure-native-v{version('pulumi-azure-native')}"
        plugin.mkdir(parents=True)
        launcher = "pulumi-resource-azure-native"
        (plugin / launcher).symlink_to(ROOT / "standin" / "plugin" / launcher)

    def stop(self) -> None:
        for stack in (OWNERS, PIPELINES):
            stack_file(stack).unlink(missing_ok=True)
        _STANDIN.stop()

    def control(self, path: str, body: dict[str, Any]) -> Any:
        return _STANDIN.control(path, body)

    def person(self, name: str, kind: str = "ServicePrincipal") -> Person:
        return Person(self, name, self.control("principals", {"name": name, "kind": kind}))

    def deployer(self) -> Person:
        """Whom the stand-in knows from the start, and who may make others Owner."""
        standin = self.variables()
        who = {"objectId": "", "clientId": standin["AZURE_CLIENT_ID"], "clientSecret": standin["AZURE_CLIENT_SECRET"]}
        return Person(self, "deployer", who)

    def variables(self) -> dict[str, str]:
        return _STANDIN.variables()


class Person:
    """Signed in by the Azure CLI, with nothing in the environment that says who it is."""

    def __init__(self, place: Place, name: str, registered: dict[str, str]) -> None:
        self.place, self.name, self.object_id = place, name, registered["objectId"]
        standin = place.variables()
        self._registered, self._tenant = registered, standin["AZURE_TENANT_ID"]
        kept = {name: value for name, value in standin.items() if not name.startswith(_OURS)}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join([os.environ["EDGEWAY_AZ"], kept["PATH"]]),
            "AZURE_CONFIG_DIR": str(FOLDER / f"az-{name}"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "PULUMI_HOME": str(FOLDER / "pulumi"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "NO_WAIT": "",
            "YES": "1",
        }

    def signed_in(self) -> Person:
        """Only after a first role: `az` ends with an error where it sees no subscription."""
        secret = {"SECRET": self._registered["clientSecret"], "CLIENT": self._registered["clientId"]}
        login = 'az login -o none --service-principal -u "$CLIENT" -p "$SECRET" --tenant ' + self._tenant
        self.run(login, title=f"az login as {self.name}", variables=secret)
        return self

    def run(
        self, commands: str, *, title: str = "", succeeds: bool = True, variables: Mapping[str, str] | None = None
    ) -> str:
        """Bash, stopping at the first that fails; what it prints, which must end well (or badly)."""
        began = time.monotonic()
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=ROOT,
            env={**self.environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        took = time.monotonic() - began
        told = f"{took:6.1f} s  {self.name:<8}  {title or ' '.join(commands.split())[:100]}"
        self.place.timed.append(told)
        with (FOLDER / "log").open("a", encoding="utf-8") as log:
            log.write(f"\n== {told}\n{done.stdout}")
        assert (done.returncode == 0) is succeeds, f"{told}\n{done.stdout[-6000:]}"
        return done.stdout
