"""`edgeway endpoint traffic`: who gets which share, and the lever for the night in which that must change at once."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence

from cli.arguments import add_stack
from cli.command import Command
from cli.errors import Refused
from cli.stack.outputs import outputs

_SHARE = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,31})=(\d{1,3})")


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("shares", nargs="*", metavar="DEPLOYMENT=PERCENT", help="sets them; together 100")
    parser.add_argument("--model", metavar="NAME", help="which endpoint, where the stack has several")
    parser.add_argument("--yes", action="store_true", help="set them where the stack is production")
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    from cli.azure import answers
    from cli.online import ARM_NAME, endpoint_of
    from cloud.azureml.online_endpoint import traffic_of

    wanted = shares_of(arguments.shares)
    stack = outputs(arguments.stack)
    if wanted:
        stack.refuse_in_production("its users get other answers at once", yes=arguments.yes)
    _, endpoint = endpoint_of(stack, arguments.model)
    with answers(ARM_NAME, f"endpoint {endpoint.name}"):
        body = endpoint.body()
        if wanted:
            _check(wanted, sorted(endpoint.deployments()))
            endpoint.shift(body, wanted)
            body = endpoint.body()
    shares = traffic_of(body)
    if arguments.json:
        print(json.dumps(shares, indent=2))
    else:
        print("\n".join(f"{part:3} %  {name}" for name, part in sorted(shares.items())) or "nobody has traffic")
    return 0


def shares_of(given: Sequence[str]) -> dict[str, int]:
    shares: dict[str, int] = {}
    for text in given:
        found = _SHARE.fullmatch(text)
        if found is None or found[1] in shares:
            raise Refused(
                f"{text!r} is refused; one <deployment>=<percent> for each is wanted, such as m0123456789ab=90"
            )
        shares[found[1]] = int(found[2])
    if shares and sum(shares.values()) != 100:
        raise Refused(f"{' '.join(given)}: {sum(shares.values())} % together; 100 are wanted")
    return {name: part for name, part in shares.items() if part}


def _check(wanted: Mapping[str, int], there: Sequence[str]) -> None:
    for name in wanted:
        if name not in there:
            raise Refused(f"there is no deployment {name!r}; there are: {', '.join(there) or 'none'}")


COMMAND = Command(
    name="traffic",
    help="who gets which share of an online endpoint's traffic",
    description="Without shares: what Azure says. With them (m0123456789ab=90 m1123456789ab=10) sets them at once; the "
    "next `up` gives all of the traffic to the deployment of the stack's configuration again.",
    add_options=_options,
    run=run,
)
