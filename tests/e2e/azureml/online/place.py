"""One model behind a managed online endpoint, and nothing of devices: the stack of these tests, and what it has."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.stack.local_stack import LocalStack

SEED = "edgeway:models[0].train.hyperparameters.seed"
HOLD = "edgeway:models[0].endpoints[0].holdSeconds"
PROBES = "edgeway:models[0].endpoints[0].probes"
OWN_NAME = re.compile("m[0-9a-f]{12}")
ROWS = {
    "machine": {"temperature": 105.5, "pressure": 10.6},
    "ambient": {"temperature": 20.6, "humidity": 26},
}
# answers may take long: a machine with other work to do stands still for seconds, and that is no fault of an endpoint
_CONFIG = """config:
  edgeway:environment: local
  edgeway:location: westeurope
  edgeway:roleSettleSeconds: 0
  edgeway:models:
    - name: anomaly
      train:
        data: {source: simulator, seed: 0, rows: 618}
        hyperparameters: {seed: 0}
        thresholds: {accuracy: 0.98, recall: 0.97}
      endpoints: [{kind: online, latencyMs: 30000}]
  edgeway:registry: {sku: Basic}
  edgeway:edgeRuntime: "1.6.1"
"""


@dataclass(frozen=True)
class Place:
    stack: LocalStack
    folder: Path
    """For what the tests keep."""

    def configure(self, file: Path) -> None:
        """What encrypts the secrets of the stack stays."""
        own = [line for line in file.read_text().splitlines() if line.startswith("encryptionsalt")]
        file.write_text("\n".join([_CONFIG.rstrip(), *own, ""]))

    def set(self, key: str, value: object) -> None:
        self.stack.pulumi("config", "set", "--path", key, str(value))

    @property
    def served(self) -> Mapping[str, Any]:
        return dict(self.stack.outputs()["scoring"]["anomaly"])

    @cached_property
    def host(self) -> str:
        return urlsplit(str(self.served["url"])).hostname or ""

    @cached_property
    def address(self) -> tuple[str, str, str]:
        """Resource group, workspace, name. As the host kept from the first time: an `up` that failed has no outputs."""
        words = str(self.served["endpointId"]).split("/")
        return words[4], words[8], words[10]

    @property
    def serving(self) -> str:
        """The name of the stack's deployment."""
        return str(self.served["deployment"])

    def up(self, *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """As a person types it."""
        quick = replace(self.stack, environment=(*self.stack.environment, ("NO_WAIT", "1")))
        return quick.command("tools/up.sh", "local", check=check)

    def preview(self) -> str:
        return self.stack.command("tools/preview.sh", "local").stdout

    def answers(self) -> int:
        """The status of one request."""
        return 200 if self.stack.run("edgeway", "verify", "--stack", "local", check=False).returncode == 0 else 0

    def keys(self) -> dict[str, str]:
        return dict(json.loads(self.azure("keys")))

    def azure(self, *what: str) -> str:
        """By Microsoft's client."""
        command = ("python", "-m", "tests.e2e.azureml.online.azure", *self.address, *what)
        return self.stack.run(*command).stdout

    def deployments(self) -> list[str]:
        """Of all endpoints, by the stand-in's own inventory."""
        found = self.stack.control("GET", "resources")["resources"]
        return sorted(one.rpartition("/")[2] for one in found if "/onlineEndpoints/" in one and "/deployments/" in one)

    def containers(self) -> dict[str, str]:
        """Of all deployments: id -> name and state."""
        labels = (f"edgeway.standin={self.stack.instance}", "edgeway.kind=online-deployment")
        filters = [word for label in labels for word in ("--filter", f"label={label}")]
        command = ["docker", "ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.State}}", *filters]
        rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        return {row.split(" ", 1)[0]: row.split(" ", 1)[1] for row in rows}

    def containers_of(self) -> dict[str, int]:
        """How many run for each deployment."""
        running = [row.removesuffix(" running") for row in self.containers().values() if row.endswith(" running")]
        assert len(running) == len(self.containers()), self.containers()
        return dict(Counter(word for name in running for word in name.split("-") if OWN_NAME.fullmatch(word)))
