"""`edgeway endpoint logs`: the last lines of a deployment's container, as Azure keeps them."""

from __future__ import annotations

import argparse

from cli.arguments import add_stack, positive
from cli.command import Command
from cli.stack.outputs import outputs

_CONTAINERS = {"server": "InferenceServer", "storage": "StorageInitializer"}


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("deployment", nargs="?", metavar="DEPLOYMENT", help="the one that serves by default")
    parser.add_argument("--model", metavar="NAME", help="which endpoint, where the stack has several")
    parser.add_argument("--tail", type=positive, default=100, metavar="N", help="so many lines (default 100)")
    parser.add_argument(
        "--container",
        choices=sorted(_CONTAINERS),
        default="server",
        help="server (default), or storage, which mounts the model",
    )


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers
    from cli.online import ARM_NAME, endpoint_of

    stack = outputs(arguments.stack)
    name, endpoint = endpoint_of(stack, arguments.model)
    deployment = arguments.deployment or str(stack["scoring"][name].get("deployment"))
    with answers(ARM_NAME, f"deployment {deployment} of endpoint {endpoint.name}"):
        lines = endpoint.logs(deployment, arguments.tail, _CONTAINERS[arguments.container])
    for line in lines:
        print(line)
    return 0


COMMAND = Command(
    name="logs",
    help="the last lines of an online endpoint's container",
    description="What the container printed, as Azure keeps it of one of the instances. Models print what they print: "
    "it may hold what should not be shown around.",
    add_options=_options,
    run=run,
)
