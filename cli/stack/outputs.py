"""What a stack has made, as its outputs say it: asked of the pulumi CLI, in the stack's environment."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from cli.errors import Failed, Refused
from cli.stack.environment import child_environment
from clone.root import ROOT
from cloud.wording import end_of_line

_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Hub:
    name: str
    host: str
    resource_group: str
    consumer_group: str


@dataclass(frozen=True, slots=True)
class Outputs:
    stack: str
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            raise Failed(f"stack {self.stack!r} has no output {name!r}: run `make up STACK={self.stack}` first")
        return self.values[name]

    @property
    def hub(self) -> Hub:
        hub = self["hub"]
        return Hub(hub["name"], hub["host"], hub["resourceGroup"], hub["consumerGroup"])

    def endpoint(self, name: str | None) -> str:
        """The endpoint that was named, or the only one there is. A model's first endpoint has the model's name."""
        served = sorted(map(str, self["scoring"]))
        if name is None and len(served) == 1:
            return served[0]
        if not served:
            raise Refused(f"stack {self.stack!r} serves no model: give one an entry under endpoints in its stack file")
        if name is None:
            raise Refused(
                f"stack {self.stack!r} serves {len(served)} models; choose one: "
                f"{' or '.join(f'--model {one}' for one in served)}"
            )
        if name not in served:
            raise Refused(f"model {name!r} is not served by the stack; there are: {', '.join(served)}")
        return name

    def refuse_in_production(self, why: str, *, yes: bool) -> None:
        """What its users would notice is done in production only where `--yes` was given."""
        if self["environment"] == "prod" and not yes:
            raise Refused(f"stack {self.stack!r} is production: {why}; --yes goes on")

    def device(self, device_id: str) -> str:
        """It, where the stack has it."""
        if device_id not in self["devices"]:
            there = ", ".join(sorted(self["devices"])) or "none"
            raise Refused(f"device {device_id!r} is not in the stack; there are: {there}")
        return device_id

    def model_of(self, endpoint: str) -> str:
        """The model that an endpoint serves; a stack brought up before endpoints had names knows models only."""
        return str(self["scoring"][endpoint].get("model", endpoint))

    def artifact_of(self, endpoint: str) -> str:
        """The digest of the artifact that an endpoint serves."""
        return str(self["models"][self.model_of(endpoint)]["digest"])


def outputs(stack: str, *, secrets: bool = False) -> Outputs:
    """Secrets come through the pipe of the child, never on a command line."""
    environment = child_environment(stack)
    pulumi = shutil.which("pulumi", path=environment.get("PATH"))
    if pulumi is None:
        raise Refused("pulumi is not installed; `make init` installs it")
    command = [pulumi, "stack", "output", "--json", "--stack", stack, "--non-interactive", "--cwd", str(ROOT)]
    if secrets:
        command.append("--show-secrets")
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"pulumi did not give the stack's outputs within {_TIMEOUT_SECONDS} s") from error
    if result.returncode != 0:
        if "no stack named" in result.stderr:
            raise Refused(f"stack {stack!r} does not exist: `make up STACK={stack}` makes it")
        if "PULUMI_ACCESS_TOKEN must be set" in result.stderr and "PULUMI_BACKEND_URL" not in environment:
            where = 'docs/azure.md, first run, step "State"'
            raise Refused(f"stack {stack!r}: PULUMI_BACKEND_URL is not set and no `pulumi login` was done ({where})")
        reason = end_of_line(result.stderr, 400) or f"exit {result.returncode}"
        raise Failed(f"stack {stack!r} has no outputs: {reason}")
    return Outputs(stack, json.loads(result.stdout or "{}"))
