"""`edgeway invoke`: scores files (or what comes in) at the stack's scoring service.

The key comes from the stack's outputs, and goes nowhere but over verified TLS, or to this machine itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from cli.arguments import add_stack, seconds
from cli.command import Command
from cli.errors import Failed
from cli.scoring.endpoint import endpoint_at, stack_endpoint
from cli.stack.outputs import outputs


def _options(parser: argparse.ArgumentParser) -> None:
    add_stack(parser)
    parser.add_argument("file", nargs="*", metavar="FILE", help="JSON or pictures; - or none: JSON from standard input")
    parser.add_argument("--form", action="store_true", help="send one FILE as a form, too")
    parser.add_argument("--model", metavar="NAME", help="which model, where the stack serves several")
    parser.add_argument("--url", help="another address of the service (the stack's key is sent there)")
    parser.add_argument("--timeout", type=seconds, default=30.0, metavar="S")
    parser.add_argument("--json", action="store_true", help="print the answer's body alone")


def run(arguments: argparse.Namespace) -> int:
    from cli.scoring.client import reason, score
    from cli.scoring.files import body_of_files

    body = body_of_files(arguments.file or ["-"], as_form=arguments.form)
    if arguments.url:
        endpoint_at(arguments.url, None, None)  # a bad address is refused before anything is asked
    stack = outputs(arguments.stack, secrets=True)
    name = stack.endpoint(arguments.model)
    scoring = stack["scoring"][name]
    endpoint = stack_endpoint(scoring, arguments.url)
    began = time.perf_counter()
    answer = score(endpoint, str(stack["scoringKeys"][name]), body, arguments.timeout)
    took = (time.perf_counter() - began) * 1000
    if answer.status != 200:
        raise Failed(f"{name} at {endpoint.host} answered {answer.status}: {reason(answer.body)}")
    text = answer.body.decode("utf-8", errors="replace")
    print(text if arguments.json else _pretty(text))
    if not arguments.json:
        print(f"{name} {scoring.get('version', '')} at {endpoint.host}: {took:.0f} ms", file=sys.stderr)
    return 0


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


COMMAND = Command(
    name="invoke",
    help="score a JSON file or pictures with the deployed model",
    description="Sends FILE (- or nothing: standard input) to POST /score of the stack's scoring service. Its suffix "
    "says what it is: cat.png goes as it is, with its content type; several files, or one with --form, are the parts "
    "of a form, each called by its file's name.",
    add_options=_options,
    run=run,
)
