"""`edgeway names`: what the resources of a stack will be called, before there is any, so that roles can be scoped."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping
from typing import Any

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Refused
from cli.stack.environment import child_environment
from cli.stack.file import LOCAL, stack_config
from cli.stack.names import existing_group, of_kinds, stack_names

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("--subscription", help="its id; without it that of the sign-in")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    stack, config = arguments.stack, stack_config(arguments.stack)
    subscription = arguments.subscription or child_environment(stack).get("AZURE_SUBSCRIPTION_ID")
    if not subscription:
        raise Refused("the names hang on the subscription: --subscription ID, AZURE_SUBSCRIPTION_ID, or `az login`")
    if not _ID.fullmatch(subscription):
        raise Refused(f"{subscription!r} is no subscription's id; `az account show --query id -o tsv` prints it")
    try:
        named = of_kinds(stack_names(stack, subscription), config)
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise Refused(f"Pulumi.{stack}.yaml gives no names: {error}; `make preview STACK={stack}` says why") from error
    if arguments.json:
        print(json.dumps({"subscription": subscription, "names": named}, indent=2))
        return 0
    width = max(map(len, named))
    for kind, name in named.items():
        print(f"{kind:<{width}}  {name}{_remark(kind, stack, config)}")
    return 0


def _remark(kind: str, stack: str, config: Mapping[str, Any]) -> str:
    if kind == "resource group" and existing_group(config):
        return "  (there already: used, never made or destroyed)"
    if kind == "container registry" and stack == LOCAL:
        return "  (images name it 127.0.0.1:PORT, as `edgeway show` has theirs: it listens on this machine)"
    return ""


COMMAND = Command(
    name="names",
    help="what the resources of a stack will be called",
    description="Prints the names, the same after `down` and `up`, without asking Azure.",
    add_options=_options,
    run=run,
)
