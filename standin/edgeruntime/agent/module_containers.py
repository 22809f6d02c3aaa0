"""The modules of a device as Docker has them, and the labels by which they are found."""

from __future__ import annotations

from standin.containers import engine
from standin.containers.docker_host import DockerHost
from standin.edgeruntime.agent.device_names import HUB_CONTAINER
from standin.edgeruntime.agent.plan import Observed

PLACE_LABEL = "edgeway.place"
MODULE_LABEL = "edgeway.module"
FINGERPRINT_LABEL = "edgeway.fingerprint"
STOP_SECONDS = 10
"""From SIGTERM to SIGKILL."""
_NOT_YET = "0001-01-01T00:00:00Z"


async def observe(docker: DockerHost, slug: str, network: str) -> dict[str, Observed]:
    """By module name. A module's address is that on the device's network."""
    containers = await engine.find(docker, f"{PLACE_LABEL}={slug}", MODULE_LABEL)
    observed = [_observed(container, network) for container in containers]
    return {module.name: module for module in observed}


async def remove_all(docker: DockerHost, slug: str) -> None:
    """Everything that a device had in Docker."""
    await engine.remove_labelled(docker, f"{PLACE_LABEL}={slug}")


def _observed(container: engine.Inspected, network: str) -> Observed:
    labels, state = container["Config"]["Labels"], container["State"]
    endpoint = container["NetworkSettings"]["Networks"].get(network) or {}
    return Observed(
        name=labels[MODULE_LABEL],
        id=container["Id"],
        fingerprint=labels.get(FINGERPRINT_LABEL, ""),
        state=state["Status"],
        exit_code=state["ExitCode"],
        started="" if state["StartedAt"] == _NOT_YET else state["StartedAt"],
        finished="" if state["FinishedAt"] == _NOT_YET else state["FinishedAt"],
        image=container["Image"],
        # of the hub it is that of our own image
        made_of="" if labels[MODULE_LABEL] == HUB_CONTAINER else container["Config"]["Image"],
        address=endpoint.get("IPAddress", ""),
    )
