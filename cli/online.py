"""The online endpoints of a stack, managed or in Kubernetes, as commands ask them: with the key that Azure has now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.azure import answers, resource_manager
from cli.errors import Refused
from cli.stack.environment import enter
from cli.stack.outputs import Outputs
from cloud.arm import ARM_HOST
from cloud.azureml.online_endpoint import EndpointInArm

ARM_NAME = ARM_HOST.removeprefix("https://")


def is_online(scoring: Mapping[str, Any]) -> bool:
    """`scoring` is one of the stack's output of that name."""
    return "endpointId" in scoring


def endpoint_of(stack: Outputs, model: str | None) -> tuple[str, EndpointInArm]:
    """The one that was named as the stack calls it, or the only one there is; the process is the stack's then."""
    served = sorted(name for name, one in stack["scoring"].items() if is_online(one))
    name = served[0] if model is None and len(served) == 1 else model
    if not served:
        raise Refused(f"stack {stack.stack!r} has no online endpoint: `endpoints: [{{kind: online}}]` makes one")
    if name is None:
        raise Refused(f"stack {stack.stack!r} has {len(served)}: choose by --model {' or --model '.join(served)}")
    if name not in served:
        raise Refused(f"{name!r} is no online endpoint of the stack; there are: {', '.join(served)}")
    enter(stack.stack)
    return name, EndpointInArm(resource_manager(), str(stack["scoring"][name]["endpointId"]))


def key_of(stack: Outputs, endpoint: str) -> str:
    """Of a place of the stack: in its outputs, or asked of Azure where Azure keeps it."""
    if not is_online(stack["scoring"][endpoint]):
        return str(stack["scoringKeys"][endpoint])
    name, asked = endpoint_of(stack, endpoint)
    with answers(ARM_NAME, f"endpoint {asked.name} of {name}"):
        return asked.key()
