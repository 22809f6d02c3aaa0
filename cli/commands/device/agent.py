"""What the commands share that ask a device's agent: which device, and what it means that no answer came.

https://learn.microsoft.com/azure/iot-edge/how-to-edgeagent-direct-method
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.arguments import add_stack
from cli.errors import Failed, Unreached
from cli.stack.environment import enter
from cli.stack.outputs import outputs
from cloud.errors import ServiceError

if TYPE_CHECKING:  # it brings HTTP, which most commands do without
    from cloud.iot_hub import IotHub

_DISCONNECTED = frozenset({"404103", "DeviceNotOnline"})
_TOO_LATE = 504


def add_device(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("id", metavar="ID", help="the device")


def add_module(parser: argparse.ArgumentParser) -> None:
    add_device(parser)
    parser.add_argument("module", metavar="MODULE", help="one that `edgeway device status` names")


def hub_of(arguments: argparse.Namespace, *, why_not_in_production: str = "") -> IotHub:
    """The hub of the stack's device; where a reason is given, production wants `--yes`."""
    from cli.azure import iot_hub

    stack = outputs(arguments.stack)
    stack.device(arguments.id)
    if why_not_in_production:
        stack.refuse_in_production(why_not_in_production, yes=arguments.yes)
    enter(arguments.stack)
    return iot_hub(stack.hub.host)


@contextmanager
def agent_answers(hub: IotHub, device: str) -> Iterator[None]:
    """Raises Unreached where the agent is not there, Failed with what it refuses, Refused for an unknown device."""
    from cli.azure import answers, words
    from cloud.iot_hub import AgentRefused

    with answers(hub.host, f"device {device!r}"):
        try:
            yield
        except AgentRefused as error:
            raise Failed(f"the agent of device {device!r} answered {error.status}: {words(error)}") from error
        except ServiceError as error:
            if error.code in _DISCONNECTED:
                raise Unreached(f"the agent of device {device!r} is not connected to {hub.host}") from error
            if error.status == _TOO_LATE:
                raise Unreached(f"the agent of device {device!r} did not answer in time") from error
            raise
